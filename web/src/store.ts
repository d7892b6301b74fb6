// What the page knows: who is signed in, which homes and cameras there are, whether the server is there. One instance,
// made by main.tsx; components read its signals and call its methods.

import { computed, signal } from '@preact/signals';
import { Api, ApiError } from './api/client';
import { retryDelay } from './api/backoff';
import { EventFeed, type FeedState } from './api/feed';
import type { ServerEvent } from './api/sse';
import type { Camera, Home, ServerIs, Session, ViewingEnded, ViewingEvent } from './api/types';
import { byName } from './format';
import { ViewingPool } from './player/pool';
import { Doors } from './player/doors';
import { mediaSource, startMse } from './player/mse';
import { startWhep } from './player/whep';
import { navigate, route, signInPath } from './router';

export type SignedOut = 'never' | 'self' | 'everywhere' | 'ended';

/** `undefined` while it is not known yet. */
type Maybe<T> = T | null | undefined;

const kHomeKey = 'jalousie.home';
const kHidden_ms = 30_000;

/** `path` of this server, for a WebSocket. */
const socketAddress = (path: string): string => location.origin.replace(/^http/, 'ws') + path;

export class Store {
  readonly api: Api;
  readonly pool: ViewingPool;
  readonly session = signal<Maybe<Session>>(undefined);
  readonly signedOut = signal<SignedOut>('never');
  readonly cameras = signal<ReadonlyMap<string, Camera>>(new Map());
  /** Homes whose cameras are known. */
  readonly loaded = signal<ReadonlySet<string>>(new Set());
  readonly loadError = signal<string | null>(null);
  readonly feedState = signal<FeedState>('closed');
  /** What the server said when it refused its events. */
  readonly feedWhy = signal('');
  /** Whether one camera's own screen is heard, and how loud (0 to 1). A page begins in silence. */
  readonly listening = signal(false);
  readonly volume = signal(1);
  /** Minute by minute, for texts that depend on the day. */
  readonly now = signal(new Date());
  private readonly chosen = signal<string | null>(null);
  private readonly feed: EventFeed;
  private attempt = 0;
  private hiding: ReturnType<typeof setTimeout> | undefined;
  private fed = false; // whoever is signed in has had events before
  private serverRun: string | null = null;
  private readonly heard = new Map<string, number>(); // when an event last told of a camera

  readonly home = computed<Home | null>(() => {
    const homes = this.session.value?.homes ?? [];
    const here = route.value;
    const ofCamera = here.page === 'camera' ? this.cameras.value.get(here.id)?.home : undefined;
    return homes.find(({ id }) => id === ofCamera) ?? homes.find(({ id }) => id === this.chosen.value) ?? homes[0] ?? null;
  });
  readonly homeCameras = computed(() =>
    [...this.cameras.value.values()]
      .filter(({ home }) => home === this.home.value?.id)
      .sort((a, b) => byName(a.name, b.name) || a.id.localeCompare(b.id)),
  );
  /** Whether what the page shows of the server can be believed. */
  readonly server = computed<'there' | 'away'>(() => (this.feedState.value === 'lost' ? 'away' : 'there'));

  constructor() {
    const fetch = globalThis.fetch.bind(globalThis);
    const now = (): number => performance.now();
    this.api = new Api(fetch);
    this.api.onUnauthenticated = () => this.leave('ended');
    this.pool = new ViewingPool({
      start: (ask, door, events) => {
        const started =
          door === 'mse'
            ? startMse({ fetch, socket: (path, protocol) => new WebSocket(socketAddress(path), protocol), Source: mediaSource()! }, ask, events)
            : startWhep({ fetch, peer: () => new RTCPeerConnection({ bundlePolicy: 'max-bundle' }) }, ask, events.lost);
        return started.catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 401) this.leave('ended');
          throw error;
        });
      },
      doors: new Doors(now, mediaSource() !== undefined),
      now,
      random: Math.random,
      inSight: () => document.visibilityState === 'visible',
    });
    this.feed = new EventFeed(
      {
        state: (state, why) => this.feedChanged(state, why),
        event: (event) => this.event(event),
        unauthenticated: () => this.leave('ended'),
      },
      { fetch, now, random: Math.random },
    );
    this.chosen.value = localStorage.getItem(kHomeKey);
  }

  /** Asks who we are; keeps asking while there is no answer. */
  async start(): Promise<void> {
    setInterval(() => (this.now.value = new Date()), 60_000);
    for (;;) {
      try {
        this.enter(await this.api.session());
        return;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) {
          this.session.value = null;
          return;
        }
        this.feedWhy.value = error instanceof ApiError && error.status > 0 ? error.detail : '';
        this.feedState.value = 'lost';
        await new Promise((done) => setTimeout(done, retryDelay(this.attempt++, Math.random)));
      }
    }
  }

  /** A session has begun. */
  enter(session: Session): void {
    this.session.value = session;
    this.signedOut.value = 'never';
    this.fed = false;
    this.feedState.value = 'opening';
    void this.load();
    this.sleep(document.visibilityState !== 'visible');
  }

  /** The session is over: nothing of it stays on the page. */
  leave(why: SignedOut): void {
    if (this.session.value === null) return;
    this.sleep(true);
    this.session.value = null;
    this.cameras.value = new Map();
    this.loaded.value = new Set();
    this.heard.clear();
    this.signedOut.value = why;
    if (route.value.page !== 'welcome') {
      navigate(signInPath(why === 'ended' ? location.pathname + location.search : '/'), true);
    }
  }

  async signOut(everywhere: boolean): Promise<void> {
    await (everywhere ? this.api.signOutEverywhere() : this.api.signOut());
    this.leave(everywhere ? 'everywhere' : 'self');
  }

  choose(home: string): void {
    this.chosen.value = home;
    localStorage.setItem(kHomeKey, home);
    if (!this.loaded.value.has(home)) void this.load();
  }

  /** The cameras of all homes of this account. */
  async load(): Promise<void> {
    this.loadError.value = null;
    const session = this.session.value;
    const homes = session?.homes ?? [];
    const current = this.home.value;
    const order = current ? [current, ...homes.filter((home) => home !== current)] : homes;
    for (const { id } of order) {
      try {
        const asked = performance.now();
        const cameras = await this.api.cameras(id);
        if (this.session.value !== session) return;
        this.take(id, cameras, asked);
        this.loaded.value = new Set([...this.loaded.value, id]);
      } catch (error) {
        if (error instanceof ApiError && error.status !== 401 && !this.loaded.value.has(id)) this.loadError.value = error.detail;
      }
    }
  }

  /** The cameras of `home` as they were at `asked` or later; what an event has told since then is newer. */
  private take(home: string, cameras: Camera[], asked: number): void {
    const told = (id: string): boolean => (this.heard.get(id) ?? -1) >= asked;
    const fresh = cameras.filter(({ id }) => !told(id));
    const kept = [...this.cameras.value.values()].filter((camera) => camera.home !== home || told(camera.id));
    this.cameras.value = new Map([...kept, ...fresh].map((camera) => [camera.id, camera]));
    fresh.forEach((camera) => this.pool.see(camera));
  }

  put(camera: Camera): void {
    this.heard.set(camera.id, performance.now());
    this.cameras.value = new Map(this.cameras.value).set(camera.id, camera);
    this.pool.see(camera);
  }

  drop(id: string): void {
    this.heard.set(id, performance.now());
    const cameras = new Map(this.cameras.value);
    if (cameras.delete(id)) this.cameras.value = cameras;
  }

  /** The network came back: do not wait for timers. */
  nudge(): void {
    this.feed.nudge();
  }

  /** A page that is hidden for long gives everything back; the moment it is seen it takes it up again. */
  seen(visible: boolean): void {
    clearTimeout(this.hiding);
    if (visible) {
      this.sleep(false);
      this.nudge();
    } else this.hiding = setTimeout(() => this.sleep(true), kHidden_ms);
  }

  /** Viewings and events together: browsers allow a server six connections, whatever the number of hidden pages. */
  sleep(asleep: boolean): void {
    const awake = !asleep && this.session.value;
    this.pool.sleep(!awake);
    if (awake) this.feed.start();
    else this.feed.stop();
  }

  private feedChanged(state: FeedState, why: string): void {
    this.feedWhy.value = why;
    this.feedState.value = state;
    if (state !== 'open') return;
    const again = this.fed;
    this.fed = true;
    if (!again) return;
    this.pool.serverBack();
    void this.load();
  }

  private serverIs(run: string): void {
    const before = this.serverRun;
    this.serverRun = run;
    if (before !== null && before !== run) this.pool.serverReplaced();
  }

  private event({ event, data }: ServerEvent): void {
    const value: unknown = JSON.parse(data);
    if (event === 'server') this.serverIs((value as ServerIs).run);
    else if (event === 'camera') this.put(value as Camera);
    else if (event === 'camera_gone') this.drop((value as { id: string }).id);
    else if (event === 'viewing') this.pool.event(value as ViewingEvent);
    else if (event === 'viewing_ended') {
      const { id, reason } = value as ViewingEnded;
      this.pool.ended(id, reason);
      if (reason === 'signed_out') this.leave('ended');
    } else if (event === 'signed_out') this.leave('ended');
  }
}

export const store = new Store();
