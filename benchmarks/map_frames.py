#!/usr/bin/env python3
"""Milliseconds for a frame of the map in a browser that renders in software, beside WebGL.

    benchmarks/map_frames.py [--points 100000 1000000] [--frames 40] [--chromium /usr/bin/chromium]
    pip install playwright; cd web && npm ci

The renderer of the page is compared with a plain WebGL 2 program that draws the same points in one call, both in a
canvas of 1280 by 800 pixels. Frames move and zoom; a frame ends when its pixels can be read back. First draw: colours,
renderer and first frame. Pick: the point nearest to a random place.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

WEB = Path(__file__).resolve().parents[1] / "web"
ARGUMENTS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
ENTRY = """
export { createMapRenderer } from '%(src)s/map/renderer';
export { PointGrid } from '%(src)s/map/grid';
export { colourPoints } from '%(src)s/map/colours';
export { fitted, pannedBy, zoomedAt } from '%(src)s/map/camera';
"""
BUILD = """
import { build } from 'vite';
await build({ configFile: false, logLevel: 'error', build: { outDir: %(out)s, emptyOutDir: true,
  lib: { entry: %(entry)s, formats: ['iife'], name: 'map', fileName: () => 'map.js' } } });
"""
MEASURE = """
([count, frames]) => {
  const random = (() => { let s = 1; return () => (s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 2 ** 32; })();
  const around = () => (random() + random() + random() - 1.5) / 1.5;
  const points = {
    count, ids: Int32Array.from({ length: count }, (_, i) => i),
    x: Float32Array.from({ length: count }, around), y: Float32Array.from({ length: count }, around),
    years: new Uint16Array(count), bpms: Float32Array.from({ length: count }, () => 60 + 120 * random()),
    loudnesses: new Float32Array(count), genres: Uint16Array.from({ length: count }, () => Math.floor(12 * random())),
  };
  const genres = Array.from({ length: 12 }, (_, i) => `genre ${i}`);
  const size = { width: 1280, height: 800 };
  const middle = (all) => all.sort((a, b) => a - b)[all.length >> 1];
  const cameras = Array.from({ length: frames }, (_, i) =>
    map.pannedBy(map.zoomedAt(map.fitted(size), size, { x: 500, y: 300 }, 1 + (i % 8) / 4), i, -i));
  const make = () => Object.assign(document.body.appendChild(document.createElement('canvas')), size);
  const result = {};

  let start = performance.now();
  const canvas = make();
  const renderer = map.createMapRenderer(canvas, points);
  renderer.resize(size, 1);
  const { pixels } = map.colourPoints(points, genres, 'genre', false);
  renderer.setColours(pixels);
  renderer.draw(map.fitted(size));
  const context = canvas.getContext('2d');
  context.getImageData(640, 400, 1, 1);
  result['first draw'] = performance.now() - start;
  result['frame'] = middle(cameras.map((camera) => {
    const begin = performance.now();
    renderer.draw(camera);
    context.getImageData(640, 400, 1, 1);
    return performance.now() - begin;
  }));

  const grid = new map.PointGrid(points.x, points.y);
  result['pick'] = middle(cameras.map(() => {
    const place = { x: around(), y: around() };
    const begin = performance.now();
    for (let i = 0; i < 100; i++) grid.nearest(place, 0.02);
    return (performance.now() - begin) / 100;
  }));

  const gl = make().getContext('webgl2', { antialias: false });
  if (!gl) return result;
  const compile = (kind, text) => {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    return shader;
  };
  start = performance.now();
  const program = gl.createProgram();
  gl.attachShader(program, compile(gl.VERTEX_SHADER, `#version 300 es
    in vec2 place; in vec4 colour; uniform vec3 camera; out vec4 shade;
    void main() {
      gl_Position = vec4((place - camera.xy) * camera.z / vec2(640.0, 400.0), 0, 1);
      gl_PointSize = 3.0; shade = colour; }`));
  gl.attachShader(program, compile(gl.FRAGMENT_SHADER, `#version 300 es
    precision mediump float; in vec4 shade; out vec4 pixel; void main() { pixel = shade; }`));
  gl.linkProgram(program);
  gl.useProgram(program);
  const attribute = (name, values, width, type, normalised) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    const at = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, width, type, normalised, 0, 0);
  };
  const places = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) { places[2 * i] = points.x[i]; places[2 * i + 1] = points.y[i]; }
  attribute('place', places, 2, gl.FLOAT, false);
  attribute('colour', new Uint8Array(pixels.buffer), 4, gl.UNSIGNED_BYTE, true);
  const uniform = gl.getUniformLocation(program, 'camera');
  const pixel = new Uint8Array(4);
  const draw = (camera) => {
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform3f(uniform, camera.x, camera.y, camera.scale);
    gl.drawArrays(gl.POINTS, 0, count);
    gl.readPixels(640, 400, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
  };
  draw(map.fitted(size));
  result['WebGL first draw'] = performance.now() - start;
  result['WebGL frame'] = middle(cameras.map((camera) => {
    const begin = performance.now();
    draw(camera);
    return performance.now() - begin;
  }));
  return result;
}
"""


def bundle(folder: Path) -> str:
    """The modules of the map as one script."""
    entry = folder / "entry.ts"
    entry.write_text(ENTRY % {"src": (WEB / "src").as_posix()})
    script = BUILD % {"out": json.dumps(str(folder / "out")), "entry": json.dumps(str(entry))}
    subprocess.run(["node", "--input-type=module", "-e", script], cwd=WEB, check=True)
    return (folder / "out" / "map.js").read_text()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--points", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        script = bundle(Path(folder))
        browser = playwright.chromium.launch(executable_path=options.chromium, args=ARGUMENTS)
        for count in options.points:
            page = browser.new_page()
            page.add_script_tag(content=script)
            found = page.evaluate(MEASURE, [count, options.frames])
            print(f"{count:>9,} points  " + "  ".join(f"{name} {value:.3g} ms" for name, value in found.items()))
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
