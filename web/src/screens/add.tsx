import { useComputed, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { ApiError } from '../api/client';
import type { CameraSource, CameraTest, SubStream, Transport } from '../api/types';
import { videoWords } from '../format';
import { cameraPath, navigate } from '../router';
import { splitCredentials } from '../source';
import { store } from '../store';
import { strings } from '../strings';
import { Choice, Field, Outcome } from '../ui/field';
import { Empty, Screen } from '../ui/screen';

const text = strings.add;

export const kTransports: { value: Transport; label: string; hint: string }[] = [
  { value: 'tcp', label: text.tcp, hint: text.tcpHint },
  { value: 'udp', label: text.udp, hint: text.udpHint },
  { value: 'http', label: text.http, hint: text.httpHint },
];

export const kAddress = /^rtsps?:\/\/[^\s/]+/i;

type Progress =
  | { step: 'idle' }
  | { step: 'testing' | 'adding' }
  | { step: 'tested'; result: CameraTest }
  | { step: 'failed'; why: string };

export function Add() {
  const home = store.home.value;
  const name = useSignal('');
  const url = useSignal('');
  const subUrl = useSignal('');
  const username = useSignal('');
  const password = useSignal('');
  const transport = useSignal<Transport>('tcp');
  const moved = useSignal(false);
  const progress = useSignal<Progress>({ step: 'idle' });
  const form = useRef<HTMLFormElement>(null);
  const busy = useComputed(() => progress.value.step === 'testing' || progress.value.step === 'adding');

  const focus = (field: string): void => form.current?.querySelector<HTMLInputElement>(`input[name=${field}]`)?.focus();
  const fail = (why: string, field: string): null => {
    progress.value = { step: 'failed', why };
    focus(field);
    return null;
  };
  /** Credentials do not belong into addresses, which people copy and show to each other. */
  const tidy = (): void => {
    subUrl.value = splitCredentials(subUrl.value)?.url ?? subUrl.value; // those of the camera count
    const parts = splitCredentials(url.value);
    if (!parts) return;
    url.value = parts.url;
    username.value = parts.username;
    password.value = parts.password;
    moved.value = true;
  };
  const source = (): CameraSource | null => {
    tidy();
    if (!kAddress.test(url.value.trim())) return fail(text.badUrl, 'url');
    if (subUrl.value.trim() && !kAddress.test(subUrl.value.trim())) return fail(text.badUrl, 'sub');
    return {
      url: url.value.trim(),
      ...(subUrl.value.trim() ? { sub_url: subUrl.value.trim() } : {}),
      transport: transport.value,
      ...(username.value ? { username: username.value, password: password.value } : {}),
    };
  };
  const test = async (): Promise<void> => {
    const asked = source();
    if (!asked || busy.value || !home) return;
    progress.value = { step: 'testing' };
    try {
      progress.value = { step: 'tested', result: await store.api.testCamera(home.id, asked) };
    } catch (error) {
      progress.value = { step: 'failed', why: (error as ApiError).detail };
    }
  };
  /** What was found holds for what was asked. */
  const changed = (): void => {
    if (!busy.value) progress.value = { step: 'idle' };
  };
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value || !home) return;
    if (!name.value.trim()) return void fail(text.noName, 'name');
    const asked = source();
    if (!asked) return;
    progress.value = { step: 'adding' };
    try {
      const camera = await store.api.addCamera(home.id, { ...asked, name: name.value.trim() });
      store.put(camera);
      navigate(cameraPath(camera.id), true);
    } catch (error) {
      progress.value = { step: 'failed', why: (error as ApiError).detail };
    }
  };

  if (!home || home.role !== 'owner') {
    return (
      <Screen title={text.page}>
        <Empty heading={text.notOwner} text={text.notOwnerText(home?.name ?? '')} />
      </Screen>
    );
  }
  return (
    <Screen title={text.page} heading={text.heading} class="narrow">
      <form ref={form} onSubmit={add} onInput={changed} noValidate class="card">
        <Field label={text.name} name="name" autocomplete="off" maxLength={100} hint={text.nameHint} value={name} />
        <Field
          label={text.url}
          name="url"
          type="url"
          placeholder="rtsp://192.168.1.20/stream1"
          autocomplete="off"
          hint={moved.value ? text.moved : text.urlHint}
          value={url}
          onBlur={tidy}
        />
        <Field
          label={text.subUrl}
          optional={text.optional}
          name="sub"
          type="url"
          placeholder="rtsp://192.168.1.20/stream2"
          autocomplete="off"
          hint={text.subUrlHint}
          value={subUrl}
          onBlur={tidy}
        />
        <div class="pair">
          <Field label={text.user} optional={text.optional} name="user" autocomplete="off" value={username} />
          <Field label={text.password} name="secret" type="password" autocomplete="off" value={password} />
        </div>
        <Choice legend={text.transport} name="transport" value={transport} options={kTransports} />
        <Result progress={progress.value} />
        <div class="actions">
          <button type="button" onClick={test} aria-disabled={busy.value}>
            {text.test}
          </button>
          <button type="submit" class="primary" aria-disabled={busy.value}>
            {progress.value.step === 'adding' ? text.adding : text.submit}
          </button>
        </div>
      </form>
    </Screen>
  );
}

function subWords(sub: SubStream | undefined): string {
  if (!sub) return '';
  return sub.video ? text.foundSub(videoWords(sub.video)) : text.badSub(sub.reason);
}

function Result({ progress }: { progress: Progress }) {
  if (progress.step === 'testing') return <Outcome tone="wait" text={text.testing} />;
  if (progress.step === 'failed') return <Outcome tone="bad" text={progress.why} />;
  if (progress.step !== 'tested') return <Outcome tone="wait" text="" />;
  const { result } = progress;
  return result.ok ? (
    <Outcome tone={result.sub && !result.sub.video ? 'bad' : 'good'} text={[result.video ? text.foundVideo(videoWords(result.video)) : text.found, subWords(result.sub)].filter(Boolean).join(' ')} />
  ) : (
    <Outcome tone="bad" text={[result.reason, result.advice].filter(Boolean).join(' ')} />
  );
}
