// Requests to /api/v1. Every failure is an ApiError whose `detail` is a sentence for people.

import { strings } from '../strings';
import type { Camera, CameraChange, CameraSource, CameraTest, Invitation, Session } from './types';

export const kApi = '/api/v1';

export class ApiError extends Error {
  constructor(
    /** 0 where no answer came. */
    readonly status: number,
    readonly detail: string,
    readonly retryAfter_s: number | null = null,
  ) {
    super(detail);
  }
}

/** Reads a failed answer: its problem details (RFC 9457) where it has some, our own words for the status otherwise. */
export async function errorOf(answer: Response): Promise<ApiError> {
  const seconds = Number(answer.headers.get('retry-after') ?? NaN);
  let detail = '';
  try {
    if (/json/.test(answer.headers.get('content-type') ?? '')) {
      const problem = (await answer.json()) as { detail?: unknown };
      if (typeof problem.detail === 'string') detail = problem.detail;
    }
  } catch {
    // A cut-off body says no more than the status does.
  }
  return new ApiError(answer.status, detail || strings.error.status(answer.status), Number.isFinite(seconds) ? seconds : null);
}

export class Api {
  /** Called when the server no longer knows our session. */
  onUnauthenticated: () => void = () => {};

  constructor(private readonly fetch: typeof globalThis.fetch) {}

  session = () => this.ask<Session>('GET', '/session', { quiet: true });
  signIn = (name: string, password: string) =>
    this.ask<Session>('POST', '/session', { body: { name, password }, quiet: true });
  signOut = () => this.ask<void>('DELETE', '/session');
  signOutEverywhere = () => this.ask<void>('DELETE', '/session/all');
  invitation = (token: string) => this.ask<Invitation>('POST', '/welcome/lookup', { body: { token }, quiet: true });
  acceptInvitation = (token: string, password: string) =>
    this.ask<Session>('POST', '/welcome', { body: { token, password }, quiet: true });

  cameras = async (home: string) => (await this.ask<{ cameras: Camera[] }>('GET', `/homes/${home}/cameras`)).cameras;
  addCamera = (home: string, camera: CameraSource & { name: string }) =>
    this.ask<Camera>('POST', `/homes/${home}/cameras`, { body: camera });
  testCamera = (home: string, source: CameraSource) =>
    this.ask<CameraTest>('POST', `/homes/${home}/cameras/test`, { body: source, timeout_ms: 15_000 });
  changeCamera = (id: string, change: CameraChange) =>
    this.ask<Camera>('PATCH', `/cameras/${id}`, { body: change });
  removeCamera = (id: string) => this.ask<void>('DELETE', `/cameras/${id}`);

  private async ask<T>(
    method: string,
    path: string,
    { body, quiet = false, timeout_ms = 10_000 }: { body?: unknown; quiet?: boolean; timeout_ms?: number } = {},
  ): Promise<T> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeout_ms);
    try {
      const answer = await this.fetch(kApi + path, {
        method,
        signal: stop.signal,
        credentials: 'same-origin',
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      });
      if (!answer.ok) throw await errorOf(answer);
      return (answer.status === 204 ? undefined : await answer.json()) as T;
    } catch (error) {
      if (!(error instanceof ApiError)) throw new ApiError(0, strings.error.noAnswer);
      if (error.status === 401 && !quiet) this.onUnauthenticated();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
