// One camera on this page: gets a session by WHEP, watches that pictures really come, gets another when they do not, by
// MSE where WebRTC brings none, and always knows what may be said of the picture. It has no element of its own: whoever
// shows `media` reports the frames.
//
//   idle ──want──▶ starting ──first frame──▶ playing ──5 s without one, connection lost──▶ waiting ──▶ starting
//                   │   └── 2 s without one, 406 ──▶ starting by MSE ──406──▶ ended, or only by WHEP from then on
//                   └── 503, 429, no answer ──▶ waiting              ended: told by the server that there is no picture
//
// Time comes in by tick() and frame() alone, so that a test can play minutes in a moment.

import { signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { retryDelay } from '../api/backoff';
import type { Camera, CameraState, EndReason, ViewingEvent } from '../api/types';
import { PictureAge, type ServerClock } from './age';
import type { Doors } from './doors';
import type { Ask, Door, Media, PlayerSession, SessionEvents, Stream } from './media';

export const kFrozen_ms = 2_000;
export const kDead_ms = 5_000;
export const kNoMedia_ms = 2_000; // WebRTC that works brings a picture within a tenth of that
const kGone_ms = 10_000; // then even a dimmed picture goes
const kNew_ms = 3_000; // news of the age come with the first pictures
const kRoundTripEvery_ms = 10_000;

export type Phase = 'idle' | 'starting' | 'playing' | 'waiting' | 'ended';

/** Why there is no picture although the camera is live. `detail` is the server's sentence, may be empty. */
export interface Problem {
  kind: EndReason | 'codec_not_supported' | 'too_many' | 'not_found';
  detail: string;
}

export interface Snapshot {
  phase: Phase;
  problem: Problem | null;
  /** Age of the picture that is shown; null where there is none or it cannot be told. */
  age_ms: number | null;
  /** How long no new picture has come; 0 while they come. */
  frozen_ms: number;
  /** A picture is on the screen, fresh or not. */
  shown: boolean;
  /** Sound comes with it. */
  sound: boolean;
  /** Whether its age is known; `new` is the moment between the first picture and the first news of its age. */
  trust: 'new' | 'known' | 'lost';
}

export interface ViewingPlatform {
  start(ask: Ask, door: Door, events: SessionEvents): Promise<PlayerSession>;
  doors: Doors;
  now(): number;
  random(): number;
  /** Frames are presented only while the page is in sight. */
  inSight(): boolean;
}

export const kNothing: Snapshot = { phase: 'idle', problem: null, age_ms: null, frozen_ms: 0, shown: false, sound: false, trust: 'new' };

export class Viewing {
  readonly snapshot = signal<Snapshot>(kNothing);
  readonly media = signal<Media | null>(null);

  private phase: Phase = 'idle';
  private problem: Problem | null = null;
  private wanted = false;
  private cameraState: CameraState | null = null;
  private codec = '';
  private soundCodec = '';
  private listening = false;
  private run = 0; // each attempt has its own; answers to older ones are closed
  private attempt = 0;
  private retryAt_ms: number | null = null;
  private session: PlayerSession | null = null;
  private door: Door = 'whep';
  private notByWebRtc = false; // this camera's video, as it is now
  private readonly refused = new Set<Door>(); // for this camera's video, as it is now: by the server (406) or this browser
  private words = ''; // the server's, why not
  private age: PictureAge;
  private early: ViewingEvent[] = []; // events that came before the answer that names their viewing
  private since_ms = 0; // the newest frame, or where there is none yet the start of waiting for it
  private liveSince_ms = 0; // pictures can be expected from then on
  private roundTripAt_ms = 0;
  private playingSince_ms = 0;
  private trust: Snapshot['trust'] = 'new';

  constructor(
    readonly camera: string,
    private readonly clock: ServerClock,
    private readonly platform: ViewingPlatform,
    readonly stream: Stream = 'main',
  ) {
    this.age = new PictureAge(clock);
  }

  get id(): string | null {
    return this.session?.id ?? null;
  }

  /** Whether somebody looks. Without, the session is given back at once. */
  want(wanted: boolean): void {
    if (this.wanted === wanted) return;
    this.wanted = wanted;
    if (!wanted) {
      this.drop();
      this.phase = 'idle';
      this.problem = null;
    }
    this.consider();
  }

  /** Whether somebody listens, too. Without, no sound is sent. */
  listen(listening: boolean): void {
    if (this.listening === listening) return;
    this.listening = listening;
    const wanted = listening && this.soundCodec !== '';
    if (this.session ? this.session.sound !== wanted : this.phase === 'starting' && wanted) this.restart();
    this.consider();
  }

  /** The camera as the server sees it now. */
  see(camera: Camera): void {
    this.hear(camera.audio?.codec ?? '');
    const before = this.cameraState;
    const codec = camera.video?.codec ?? '';
    this.cameraState = camera.state;
    const changed = before !== camera.state || codec !== this.codec;
    if (codec !== this.codec) this.notByWebRtc = false;
    if (codec !== this.codec || (before !== camera.state && camera.state === 'live')) this.forgetRefusals();
    this.codec = codec;
    if (!changed) return;
    // A refused opening is an alarm, not a retry: only a person starts again after one.
    if (this.phase === 'ended' && this.problem?.kind === 'refused') return;
    if (camera.state === 'live') {
      if (before !== 'live') this.liveSince_ms = this.platform.now();
      // What was said of the camera before does not hold any more, and waiting for it is over.
      this.problem = null;
      if (this.phase === 'ended' || this.phase === 'waiting') this.again(0);
    } else if (camera.state !== 'stalled' && camera.state !== 'connecting') {
      this.drop();
      this.phase = 'waiting';
      if (this.problem?.kind === 'too_many') this.problem = null;
    }
    this.consider();
  }

  /** Sound began, ended or is another: a session has what it was begun with. */
  private hear(codec: string): void {
    if (codec === this.soundCodec) return;
    this.soundCodec = codec;
    if (this.listening && codec !== '' && this.phase === 'playing') this.restart();
  }

  /** The server is another process than before, which knows nothing of a session that was begun with the old one. */
  serverReplaced(): void {
    if (this.session) this.restart();
    this.consider();
  }

  /** The event stream is back after a break. */
  serverBack(): void {
    const now = this.platform.now();
    const kind = this.problem?.kind;
    if (this.phase === 'waiting' || (this.phase === 'ended' && kind !== 'refused' && kind !== 'codec_not_supported')) this.again(0);
    else if ((this.phase === 'playing' || this.phase === 'starting') && now - this.since_ms > 700) this.restart();
    this.consider();
  }

  /** A person asks for another attempt after the server ended this one. */
  retry(): void {
    this.problem = null;
    this.forgetRefusals();
    this.attempt = 0;
    this.again(0);
    this.consider();
  }

  event(event: ViewingEvent): void {
    if (this.session?.id === event.id) this.age.event(event, this.platform.now());
    else if (this.phase === 'starting' && !this.session && this.early.length < 32) this.early.push(event);
  }

  ended(reason: EndReason): void {
    this.session?.close(false);
    this.drop();
    if (reason === 'lease_lost') {
      this.again(retryDelay(1, this.platform.random));
    } else {
      this.problem = { kind: reason, detail: '' };
      this.phase = 'ended';
    }
    this.publish();
  }

  /** A picture of `media` has been presented; its time on the clock of `viewing` events, where that is known. */
  frame(media: Media, time: number | null): void {
    if (!this.session || media !== this.session.media) return;
    this.since_ms = this.platform.now();
    this.age.presented(time);
    if (this.phase === 'starting') {
      this.phase = 'playing';
      this.playingSince_ms = this.since_ms;
      this.trust = 'new';
      this.attempt = 0;
      this.problem = null;
      this.publish();
    }
  }

  tick(): void {
    const now = this.platform.now();
    if (!this.platform.inSight()) {
      this.since_ms = now; // nothing is presented in a hidden page; that is no fault
    } else if (this.session && this.phase === 'starting' && this.mayFallBack() && now - this.since_ms >= kNoMedia_ms) {
      this.fallBack();
    } else if (this.session && this.cameraState !== 'stalled' && now - Math.max(this.since_ms, this.liveSince_ms) >= kDead_ms) {
      this.restart(); // another session of a camera that sends nothing would show its old pictures again
    }
    if (this.media.value && !this.session && now - this.since_ms >= kGone_ms) this.media.value = null;
    if (this.session && this.phase === 'playing' && now - this.roundTripAt_ms >= kRoundTripEvery_ms) {
      this.roundTripAt_ms = now;
      void this.session.roundTrip_ms().then((ms) => ms !== null && this.clock.roundTrip(ms), () => {});
    }
    this.consider();
  }

  /** The page is going away. */
  close(): void {
    this.want(false);
  }

  private again(delay_ms: number): void {
    this.phase = 'waiting';
    this.retryAt_ms = this.platform.now() + delay_ms;
  }

  /** Another session for the same camera; the last picture stays, dimmed, until the new one is there. */
  private restart(): void {
    this.release();
    this.again(this.attempt === 0 ? 0 : retryDelay(this.attempt, this.platform.random));
    this.attempt += 1;
  }

  private mayFallBack(): boolean {
    return this.door === 'whep' && this.platform.doors.canMse && !this.refused.has('mse');
  }

  /** WebRTC brings no picture: without a connection it brings none of any camera. */
  private fallBack(): void {
    if (this.session?.connected()) this.notByWebRtc = true;
    else this.platform.doors.udpIsBlocked();
    this.release();
    this.again(0);
  }

  private release(): void {
    this.run += 1;
    this.session?.close();
    this.session = null;
    this.early = [];
    this.retryAt_ms = null;
  }

  private drop(): void {
    this.release();
    this.media.value = null;
    this.age = new PictureAge(this.clock);
  }

  private consider(): void {
    if (this.wanted && this.phase !== 'starting' && this.phase !== 'playing' && this.phase !== 'ended') {
      if (this.phase === 'idle') this.phase = 'waiting';
      const due = this.retryAt_ms === null || this.platform.now() >= this.retryAt_ms;
      if (this.cameraState === 'live' && due) void this.begin();
    }
    this.publish();
  }

  private async begin(): Promise<void> {
    const run = ++this.run;
    this.phase = 'starting';
    if (!this.media.value) this.since_ms = this.platform.now();
    if (this.refused.has('mse')) this.door = 'whep';
    else this.door = this.notByWebRtc ? 'mse' : this.platform.doors.choose();
    let session: PlayerSession;
    try {
      const ask = { camera: this.camera, stream: this.stream, sound: this.listening && this.soundCodec !== '' };
      session = await this.platform.start(ask, this.door, this.eventsOf(run));
    } catch (error) {
      if (run === this.run) this.failed(error);
      return;
    }
    if (run !== this.run) {
      session.close();
      return;
    }
    this.session = session;
    if (!this.refused.has('mse')) this.problem = null; // else it holds until a picture comes after all
    this.age = new PictureAge(this.clock);
    for (const event of this.early) if (event.id === session.id) this.age.event(event, this.platform.now());
    this.early = [];
    this.since_ms = this.platform.now();
    this.roundTripAt_ms = this.since_ms - kRoundTripEvery_ms + 1_000;
    this.media.value = session.media;
    this.publish();
  }

  /** What the session of this attempt says; nothing after the next has begun. */
  private eventsOf(run: number): SessionEvents {
    const now =
      <T extends unknown[]>(act: (...with_: T) => void) =>
      (...with_: T): void => {
        if (run === this.run) act(...with_);
      };
    return {
      lost: now(() => this.lost()),
      ended: now((reason: EndReason) => this.ended(reason)),
      unplayable: now(() => {
        this.release();
        this.cannotCarry('', retryDelay(this.attempt++, this.platform.random));
        this.consider();
      }),
      picture: now((event: ViewingEvent) => this.event(event)),
    };
  }

  private lost(): void {
    if (this.phase === 'starting' && this.mayFallBack()) this.fallBack();
    else this.restart();
    this.consider();
  }

  private failed(error: unknown): void {
    const status = error instanceof ApiError ? error.status : 0;
    const detail = error instanceof ApiError ? error.detail : '';
    const asked_ms = error instanceof ApiError && error.retryAfter_s !== null ? error.retryAfter_s * 1000 : null;
    const own_ms = retryDelay(this.attempt++, this.platform.random);
    if (status === 404) this.end({ kind: 'not_found', detail });
    else if (status === 406) this.cannotCarry(detail, own_ms);
    else if (status === 429) {
      this.problem = { kind: 'too_many', detail };
      this.again(Math.min(asked_ms ?? 10_000, 60_000));
    } else if (status === 503) this.again(Math.min(Math.max(asked_ms ?? own_ms, 250), 5_000));
    else this.again(own_ms);
    this.consider();
  }

  /** This door cannot carry what the camera sends. It is over when the other one said so too, or is not there. */
  private cannotCarry(detail: string, retry_ms: number): void {
    const tryMse = this.mayFallBack();
    this.refused.add(this.door);
    if (detail) this.words = detail;
    if (tryMse) {
      this.notByWebRtc = true;
      this.again(0);
    } else if (this.refused.has('whep')) {
      this.end({ kind: 'codec_not_supported', detail: this.words });
    } else {
      this.problem = { kind: 'codec_not_supported', detail: this.words };
      this.again(retry_ms);
    }
  }

  private forgetRefusals(): void {
    this.refused.clear();
    this.words = '';
  }

  private end(problem: Problem): void {
    this.drop();
    this.problem = problem;
    this.phase = 'ended';
  }

  private publish(): void {
    const now = this.platform.now();
    const quiet_ms = now - this.since_ms;
    const shown = this.media.value !== null && quiet_ms < kGone_ms && (this.phase === 'playing' || !this.session);
    const frozen_ms = shown && (quiet_ms >= kFrozen_ms || this.phase !== 'playing') ? quiet_ms : 0;
    const age_ms = this.phase === 'playing' && shown ? this.age.at(now) : null;
    if (age_ms !== null) this.trust = 'known';
    else if (this.trust === 'known' || now - this.playingSince_ms >= kNew_ms) this.trust = 'lost';
    const before = this.snapshot.value;
    const next: Snapshot = {
      phase: this.phase,
      problem: this.problem,
      age_ms: age_ms === null ? null : Math.round(age_ms / 100) * 100,
      frozen_ms: Math.floor(frozen_ms / 1000) * 1000,
      shown,
      sound: this.session?.sound ?? false,
      trust: this.trust,
    };
    const same = (Object.keys(next) as (keyof Snapshot)[]).every((key) => next[key] === before[key]);
    if (!same) this.snapshot.value = next;
  }
}
