/** The dashboard: what the API knows, drawn. It decides nothing and keeps nothing but the token of this
 *  browser tab. */
import './schemas-without-eval.js';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import './styles/base.css';
import './styles/page.css';
import './styles/grid.css';
import './styles/charts.css';
import './styles/table.css';
import './styles/panel.css';
import './styles/said.css';

createRoot(document.getElementById('root')!).render(<App />);
