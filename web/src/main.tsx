import { render } from 'preact';
import './style/base.css';
import './style/chrome.css';
import './style/picture.css';
import './style/form.css';
import { App } from './app';
import { listen } from './router';
import { store } from './store';

listen();
document.addEventListener('visibilitychange', () => store.seen(document.visibilityState === 'visible'));
addEventListener('online', () => store.nudge());
addEventListener('pagehide', () => store.sleep(true));
addEventListener('pageshow', (event) => {
  if (event.persisted) store.sleep(false);
});
render(<App />, document.getElementById('page')!);
void store.start();
