import { render } from 'preact';
import { App } from './layout/App';
import { preferredLanguage, setLanguage } from './i18n';
import './parts';
import { startRouter } from './router';
import { startTheme } from './state/theme';
import './styles/theme.css';
import './styles/ui.css';
import './styles/layout.css';
import './styles/views.css';

startTheme();
startRouter();
await setLanguage(preferredLanguage());
const root = document.getElementById('app');
if (root) render(<App />, root);
