import { render } from 'preact';
import './style/base.css';
import './style/chrome.css';
import './style/picture.css';
import './style/form.css';
import { App } from './app';
import { listen } from './router';
import { store } from './store';

listen();
document.addEventListener('visibilitychange', () => {
  const visible = document.visibilityState === 'visible';
  store.pool.visibility(visible);
  if (visible) store.nudge();
});
addEventListener('online', () => store.nudge());
addEventListener('pagehide', () => store.pool.sleep(true));
addEventListener('pageshow', (event) => {
  if (event.persisted) store.pool.sleep(false);
});
render(<App />, document.getElementById('page')!);
void store.start();
