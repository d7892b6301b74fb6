// The sound of one camera's own screen: off until a person wants it, and as loud as they like.

import type { Camera } from '../api/types';
import type { Viewing } from '../player/viewing';
import { store } from '../store';
import { strings } from '../strings';
import { Icon } from './icons';

const text = strings.picture;

export function toggleSound(): void {
  store.listening.value = !store.listening.value;
}

/** Why nothing is heard though it is wanted; empty where there is no reason known. */
function whySilent(camera: Camera, viewing: Viewing | null): string {
  const view = viewing?.snapshot.value;
  if (!camera.audio) return text.noSound;
  return store.listening.value && view?.phase === 'playing' && !view.sound ? text.soundNotPlayed(camera.audio.codec) : '';
}

export function SoundControl({ camera, viewing }: { camera: Camera; viewing: Viewing | null }) {
  const on = store.listening.value && camera.audio !== null;
  const silent = whySilent(camera, viewing);
  const label = on ? text.mute : text.unmute;
  return (
    <div class="sound" data-on={on}>
      {silent && <span class="why-silent">{silent}</span>}
      {on && !silent && (
        <input
          type="range"
          min="0"
          max="100"
          step="5"
          aria-label={text.volume}
          value={Math.round(store.volume.value * 100)}
          onInput={(event) => (store.volume.value = Number(event.currentTarget.value) / 100)}
        />
      )}
      <button
        type="button"
        class="on-picture"
        aria-label={label}
        aria-keyshortcuts={text.soundKey}
        title={`${label} (${text.soundKey})`}
        disabled={!camera.audio}
        onClick={toggleSound}
      >
        <Icon name={on ? 'sound' : 'silence'} />
      </button>
    </div>
  );
}
