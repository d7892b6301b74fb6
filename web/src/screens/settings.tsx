// What owners change on a camera. Its address and password go in and never come out, so their fields begin empty.

import { useSignal, type Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError } from '../api/client';
import type { Camera, CameraChange, CameraSource, SubStream, Transport } from '../api/types';
import { videoWords } from '../format';
import { navigate } from '../router';
import { splitCredentials } from '../source';
import { store } from '../store';
import { strings } from '../strings';
import { announce } from '../ui/announce';
import { Choice, Field, Outcome } from '../ui/field';
import { kAddress, kTransports } from './add';

const text = strings.camera;

type Progress = { step: 'idle' | 'busy' | 'saved' } | { step: 'failed'; why: string };

async function save(camera: Camera, change: CameraChange, progress: Signal<Progress>): Promise<void> {
  if (progress.value.step === 'busy') return;
  progress.value = { step: 'busy' };
  try {
    store.put(await store.api.changeCamera(camera.id, change));
    progress.value = { step: 'saved' };
  } catch (error) {
    progress.value = { step: 'failed', why: (error as ApiError).detail };
  }
}

function SaveForm({ progress, onSave, children }: { progress: Signal<Progress>; onSave: () => void; children: ComponentChildren }) {
  const state = progress.value;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSave();
      }}
    >
      {children}
      <Outcome tone={state.step === 'failed' ? 'bad' : 'good'} text={state.step === 'failed' ? state.why : state.step === 'saved' ? text.saved : ''} />
      <button type="submit" aria-disabled={state.step === 'busy'}>
        {state.step === 'busy' ? text.saving : text.save}
      </button>
    </form>
  );
}

function Rename({ camera }: { camera: Camera }) {
  const name = useSignal(camera.name);
  const progress = useSignal<Progress>({ step: 'idle' });
  const rename = (): void => {
    if (!name.value.trim()) progress.value = { step: 'failed', why: text.nothing };
    else void save(camera, { name: name.value.trim() }, progress);
  };
  return (
    <SaveForm progress={progress} onSave={rename}>
      <Field label={text.rename} name="name" autocomplete="off" maxLength={100} value={name} />
    </SaveForm>
  );
}

function Connection({ camera }: { camera: Camera }) {
  const url = useSignal('');
  const username = useSignal('');
  const password = useSignal('');
  const transport = useSignal<Transport>(camera.transport);
  const progress = useSignal<Progress>({ step: 'idle' });
  const tidy = (): void => {
    const parts = splitCredentials(url.value);
    if (!parts) return;
    url.value = parts.url;
    username.value = parts.username;
    password.value = parts.password;
  };
  const change = (): void => {
    tidy();
    if (url.value && !kAddress.test(url.value.trim())) {
      progress.value = { step: 'failed', why: strings.add.badUrl };
      return;
    }
    const fields: Partial<CameraSource> = {
      ...(url.value.trim() ? { url: url.value.trim() } : {}),
      ...(username.value ? { username: username.value } : {}),
      ...(password.value ? { password: password.value } : {}),
      ...(transport.value === camera.transport ? {} : { transport: transport.value }),
    };
    if (Object.keys(fields).length === 0) {
      progress.value = { step: 'failed', why: text.nothing };
      return;
    }
    void save(camera, fields, progress).then(() => {
      if (progress.value.step === 'saved') url.value = username.value = password.value = '';
    });
  };
  return (
    <SaveForm progress={progress} onSave={change}>
      <p class="hint">{text.connectionHint}</p>
      <Field label={text.url} name="url" type="url" autocomplete="off" value={url} onBlur={tidy} />
      <Field label={text.user} name="user" autocomplete="off" value={username} />
      <Field label={text.password} name="secret" type="password" autocomplete="off" value={password} />
      <Choice legend={text.transport} name="transport" value={transport} options={kTransports} />
    </SaveForm>
  );
}

function SmallStream({ camera }: { camera: Camera }) {
  const url = useSignal('');
  const progress = useSignal<Progress>({ step: 'idle' });
  const set = (address: string): void => {
    void save(camera, { sub_url: address }, progress).then(() => {
      if (progress.value.step === 'saved') url.value = '';
    });
  };
  const change = (): void => {
    const address = splitCredentials(url.value)?.url ?? url.value.trim();
    if (kAddress.test(address)) set(address);
    else progress.value = { step: 'failed', why: strings.add.badUrl };
  };
  return (
    <SaveForm progress={progress} onSave={change}>
      <p class="hint">{camera.sub ? text.subNow(subState(camera.sub)) : text.subNone}</p>
      <Field label={text.url} name="sub" type="url" autocomplete="off" hint={text.subHint(camera.host)} value={url} />
      {camera.sub && (
        <button type="button" onClick={() => set('')}>
          {text.subRemove}
        </button>
      )}
    </SaveForm>
  );
}

function subState({ state, reason, video }: SubStream): string {
  if (state !== 'idle' && !video && reason) return reason;
  return video ? videoWords(video) : text.subUnwatched;
}

const kSound: { value: Camera['sound']; label: string; hint: string }[] = [
  { value: 'on', label: text.soundOn, hint: text.soundOnHint },
  { value: 'off', label: text.soundOff, hint: text.soundOffHint },
];

function Sound({ camera }: { camera: Camera }) {
  const sound = useSignal(camera.sound);
  const progress = useSignal<Progress>({ step: 'idle' });
  return (
    <SaveForm progress={progress} onSave={() => void save(camera, { sound: sound.value }, progress)}>
      <Choice legend={text.takeSound} name="sound" value={sound} options={kSound} />
    </SaveForm>
  );
}

function Remove({ camera }: { camera: Camera }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const progress = useSignal<Progress>({ step: 'idle' });
  const remove = async (): Promise<void> => {
    if (progress.value.step === 'busy') return;
    progress.value = { step: 'busy' };
    try {
      await store.api.removeCamera(camera.id);
      announce(strings.said(camera.name, strings.pill.problem.camera_removed));
      navigate('/', true);
      store.drop(camera.id);
    } catch (error) {
      progress.value = { step: 'failed', why: (error as ApiError).detail };
    }
  };
  return (
    <>
      <p class="hint">{text.removeText}</p>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        {text.remove}
      </button>
      <dialog ref={dialog} aria-labelledby="remove-heading" aria-describedby="remove-text">
        <h2 id="remove-heading">{text.removeHeading(camera.name)}</h2>
        <p id="remove-text">{text.removeWarning}</p>
        <Outcome tone="bad" text={progress.value.step === 'failed' ? progress.value.why : ''} />
        <div class="actions">
          <button type="button" autofocus onClick={() => dialog.current?.close()}>
            {strings.cancel}
          </button>
          <button type="button" class="danger" onClick={remove}>
            {progress.value.step === 'busy' ? text.removing : text.removeYes}
          </button>
        </div>
      </dialog>
    </>
  );
}

export function Settings({ camera }: { camera: Camera }) {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // Escape closes an open part before it leaves the screen.
    const element = section.current!;
    const key = (event: KeyboardEvent): void => {
      const open = event.target instanceof Element ? event.target.closest('details[open]') : null;
      if (event.key !== 'Escape' || !open || element.querySelector('dialog[open]')) return;
      open.removeAttribute('open');
      open.querySelector('summary')?.focus();
      event.preventDefault();
    };
    element.addEventListener('keydown', key);
    return () => element.removeEventListener('keydown', key);
  }, []);
  return (
    <section class="card settings" ref={section} aria-label={text.settings}>
      <details>
        <summary>{text.rename}</summary>
        <Rename camera={camera} />
      </details>
      <details>
        <summary>{text.connection}</summary>
        <Connection camera={camera} />
      </details>
      <details>
        <summary>{text.sub}</summary>
        <SmallStream camera={camera} />
      </details>
      <details>
        <summary>{text.takeSound}</summary>
        <Sound camera={camera} />
      </details>
      <details>
        <summary>{text.remove}</summary>
        <Remove camera={camera} />
      </details>
    </section>
  );
}
