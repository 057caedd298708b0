"""Sphinx configuration: ``sphinx-build -W --keep-going -b html docs docs/_build/html``. Building needs no network."""

import sys
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path[:0] = [str(ROOT), str(DOCS / "_ext")]

import recsys  # noqa: E402

project = "recsys"
author = "The recsys authors"
project_copyright = "The recsys authors, MIT licence"
version = release = recsys.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "generated_pages",
]
exclude_patterns = ["_build"]

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
smartquotes = False

copybutton_prompt_text = "$ "

html_theme = "furo"
html_title = f"recsys {release}"
html_theme_options = {"sidebar_hide_name": False}
suppress_warnings = ["ref.python"]  # an attribute name that several classes have, where a docstring uses it as a word
