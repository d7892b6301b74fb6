import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError } from '../api/client';
import { store } from '../store';
import { strings } from '../strings';
import { Field, Outcome } from '../ui/field';
import { Gate } from '../ui/gate';

const text = strings.signIn;
const kWhy = { never: '', self: text.self, everywhere: text.everywhere, ended: text.ended };

export function SignIn(_: { next: string }) {
  const name = useSignal('');
  const password = useSignal('');
  const busy = useSignal(false);
  const error = useSignal('');
  const wait_s = useSignal(0);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  useEffect(() => {
    if (wait_s.value <= 0) return;
    const timer = setTimeout(() => {
      wait_s.value -= 1;
      error.value = wait_s.value > 0 ? text.tooMany(wait_s.value) : '';
    }, 1000);
    return () => clearTimeout(timer);
  }, [wait_s.value]);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value || wait_s.value > 0) return;
    if (!name.value.trim() || !password.value) {
      error.value = text.missing;
      return;
    }
    busy.value = true;
    error.value = '';
    try {
      store.enter(await store.api.signIn(name.value.trim(), password.value));
    } catch (failure) {
      const { status, detail, retryAfter_s } = failure as ApiError;
      if (status === 429) wait_s.value = Math.ceil(retryAfter_s ?? 60);
      error.value = status === 401 ? text.wrong : status === 429 ? text.tooMany(wait_s.value) : detail;
      password.value = '';
      form.current?.querySelector<HTMLInputElement>('input[name=password]')?.focus();
    } finally {
      busy.value = false;
    }
  };

  return (
    <Gate title={text.page} heading={text.heading}>
      {kWhy[store.signedOut.value] && !error.value && (
        <p class="note" role="status">
          {kWhy[store.signedOut.value]}
        </p>
      )}
      <form ref={form} onSubmit={submit} noValidate>
        <Field label={text.name} name="username" autocomplete="username" value={name} />
        <Field label={text.password} name="password" type="password" autocomplete="current-password" value={password} />
        <Outcome tone="bad" text={error.value} />
        <button class="primary" type="submit" aria-disabled={busy.value || wait_s.value > 0}>
          {busy.value ? text.busy : text.submit}
        </button>
      </form>
    </Gate>
  );
}
