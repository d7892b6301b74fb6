// One camera, large: its picture and what is known of it; for owners also its name, address and end.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Camera } from '../api/types';
import { age, audioWords, fullTime, videoWords } from '../format';
import type { Viewing } from '../player/viewing';
import { navigate } from '../router';
import { store } from '../store';
import { strings } from '../strings';
import { SoundControl, toggleSound } from '../ui/sound';
import { FullScreenButton, toggleFullScreen } from '../ui/full_screen';
import { Icon } from '../ui/icons';
import { aspectOf, Picture, whyOf } from '../ui/picture';
import { Empty, Screen } from '../ui/screen';
import { Settings } from './settings';

const text = strings.camera;

/** Escape goes back to the wall, f to full screen, m to silence and back; not while one types or a dialog is open. */
function useKeys(stage: { current: HTMLElement | null }, hasSound: boolean): void {
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.target instanceof Element && event.target.closest('input, dialog, [role=menu]')) return;
      if (event.key === 'Escape' && !document.fullscreenElement) navigate('/');
      else if (event.key === strings.picture.fullScreenKey && stage.current) toggleFullScreen(stage.current);
      else if (event.key === strings.picture.soundKey && hasSound) toggleSound();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, [hasSound]);
}

export function CameraScreen({ id }: { id: string }) {
  const camera = store.cameras.value.get(id);
  useEffect(() => {
    if (camera) store.choose(camera.home);
  }, [camera?.home]);
  if (camera) return <Known camera={camera} />;
  const homes = store.session.value?.homes ?? [];
  if (homes.some(({ id: home }) => !store.loaded.value.has(home)) && !store.loadError.value) return <Screen title={strings.loading} />;
  return (
    <Screen title={text.gone}>
      <Empty heading={text.gone} text={text.goneText}>
        <a class="button primary" href="/">
          {strings.missing.toWall}
        </a>
      </Empty>
    </Screen>
  );
}

function Known({ camera }: { camera: Camera }) {
  const stage = useRef<HTMLDivElement>(null);
  const viewing = useSignal<Viewing | null>(null);
  useKeys(stage, camera.audio !== null);
  const owner = store.home.value?.role === 'owner';
  return (
    <Screen title={camera.name} class="camera-screen" heading={<Heading camera={camera} />}>
      <div class="stage" ref={stage} style={{ '--aspect': aspectOf(camera) }}>
        <Picture
          camera={camera}
          onView={(now) => (viewing.value = now)}
          listening={store.listening.value && camera.audio !== null}
        >
          <div class="on-picture-row">
            {camera.sound === 'on' && <SoundControl camera={camera} viewing={viewing.value} />}
            <FullScreenButton stage={stage} />
          </div>
        </Picture>
      </div>
      <div class="beside">
        <State camera={camera} viewing={viewing.value} />
        {owner && <Settings camera={camera} />}
      </div>
    </Screen>
  );
}

function Heading({ camera }: { camera: Camera }) {
  return (
    <>
      <a class="quiet button back" href="/" aria-label={text.back}>
        <Icon name="back" />
      </a>
      <span class="camera-name">{camera.name}</span>
    </>
  );
}

function State({ camera, viewing }: { camera: Camera; viewing: Viewing | null }) {
  const [reason, advice] = whyOf(camera, viewing);
  const view = viewing?.snapshot.value;
  const retry = view?.phase === 'ended' && (view.problem?.kind === 'refused' || view.problem?.kind === 'codec_not_supported');
  const rows: [string, string][] = [
    [text.age, view?.age_ms === null || view?.age_ms === undefined ? text.noPicture : age(view.age_ms)],
    [text.since, fullTime(camera.since, camera.time_zone)],
    [text.video, camera.video ? videoWords(camera.video) : text.unknown],
    [text.audio, camera.sound === 'off' ? text.audioOff : camera.audio ? audioWords(camera.audio) : text.audioNone],
    [text.address, camera.host],
    [text.transport, camera.transport.toUpperCase()],
    [text.model, camera.model],
    [text.firmware, camera.firmware],
    [text.zone, camera.time_zone],
  ];
  return (
    <section class="card" aria-label={text.state}>
      {(reason || advice) && (
        <div class="notice" data-told={!view?.shown && !retry}>
          {reason && <p class="reason">{reason}</p>}
          {advice && <p>{advice}</p>}
          {retry && (
            <button type="button" onClick={() => viewing?.retry()}>
              {strings.retry}
            </button>
          )}
        </div>
      )}
      <dl class="facts">
        {rows.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}
