// The live picture of one camera with its pill: <video> when there is something to show, the reason when there is not.

import { useSignal } from '@preact/signals';
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Camera } from '../api/types';
import { dimmed, pillOf, type Pill } from '../player/pill';
import { choose, hasFailed, isUseless, kSubWithin_ms } from '../player/choice';
import { watchFrames } from '../player/frames';
import type { Media } from '../player/media';
import { kNothing, type Viewing } from '../player/viewing';
import { store } from '../store';
import { strings } from '../strings';
import { announce } from './announce';

const kSettled_ms = 1_500;

/** Width by height, known from the registry before there is a picture. */
export function aspectOf(camera: Camera): number {
  const { width = 0, height = 0 } = camera.video ?? {};
  return width > 0 && height > 0 ? width / height : 16 / 9;
}

/** A viewing of `camera` while the component is there and its element is near the visible part of the page. */
function useViewing(camera: Camera, frame: RefObject<HTMLElement | null>, listening: boolean): Viewing | null {
  const [near, setNear] = useState(true);
  const [viewing, setViewing] = useState<Viewing | null>(null);
  const [width_px, setWidth] = useState(0);
  const [gaveUp, setGaveUp] = useState(false);
  const stream = choose(camera, width_px, gaveUp, listening);
  useLayoutEffect(() => {
    const measure = (): void => setWidth(frame.current!.clientWidth * devicePixelRatio);
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(frame.current!);
    return () => resized.disconnect();
  }, []);
  // The camera came back, or has another small stream: what was thought of the one before does not hold.
  useEffect(() => setGaveUp(false), [camera.id, camera.since, camera.sub === null]);
  useEffect(() => {
    const seen = new IntersectionObserver((entries) => setNear(entries[entries.length - 1]!.isIntersecting), { rootMargin: '200px' });
    seen.observe(frame.current!);
    return () => seen.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (!near || width_px === 0) return;
    const taken = store.pool.acquire(camera, stream);
    setViewing(taken);
    return () => {
      store.pool.release(taken);
      setViewing(null);
    };
  }, [camera.id, near, stream, width_px === 0]);
  useEffect(() => {
    viewing?.listen(listening);
    return () => viewing?.listen(false);
  }, [viewing, listening]);
  useEffect(() => {
    if (hasFailed(camera)) setGaveUp(true);
  }, [camera.sub?.state]);
  useEffect(() => {
    if (viewing?.stream !== 'sub' || camera.state !== 'live') return;
    const late = setTimeout(() => !viewing.snapshot.value.shown && setGaveUp(true), kSubWithin_ms);
    const stop = viewing.snapshot.subscribe((view) => {
      if (view.shown) clearTimeout(late);
      if (isUseless(view)) setGaveUp(true);
    });
    return () => {
      clearTimeout(late);
      stop();
    };
  }, [viewing, camera.state]);
  return viewing;
}

/** Says news about the camera, once it has lasted a moment; "connecting" at the start is none. */
function useSpoken(name: string, pill: Pill): void {
  const said = useRef<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => {
      const first = said.current === null;
      if (first && pill.tone === 'wait') return;
      if (!first && said.current !== pill.kind) announce(strings.said(name, pill.text));
      said.current = pill.kind;
    }, kSettled_ms);
    return () => clearTimeout(timer);
  }, [pill.kind, name]);
}

function PillMark({ pill }: { pill: Pill }) {
  return (
    <span class="pill" data-tone={pill.tone} data-kind={pill.kind}>
      <i aria-hidden="true" />
      {pill.text}
    </span>
  );
}

interface PictureProps {
  camera: Camera;
  /** Shown on the picture; the screen says it elsewhere where it is not given. */
  name?: string;
  /** Whether it is heard; pictures beside others are silent. */
  listening?: boolean;
  /** Told whose state it is that the picture shows, for those who show more of it. */
  onView?: (viewing: Viewing | null) => void;
  children?: ComponentChildren;
}

export function Picture({ camera, name, listening = false, onView, children }: PictureProps) {
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const viewing = useViewing(camera, frame, listening);
  const blocked = useSignal(false);
  const view = viewing?.snapshot.value ?? kNothing;
  const pill = pillOf(camera, view, store.server.value, store.now.value);

  useEffect(() => {
    if (!viewing || !video.current) return;
    const element = video.current;
    let media: Media | null = null;
    let detach = (): unknown => undefined;
    const stopFrames = watchFrames(element, (presented) => {
      blocked.value = false;
      if (media) viewing.frame(media, media.timeOf(element, presented));
    });
    // Browsers that want a tap before anything moves (low power mode) take any tap on the page.
    const tapped = (): void => {
      if (blocked.value) void element.play().catch(() => {});
    };
    addEventListener('pointerup', tapped);
    const stopMedia = viewing.media.subscribe((next) => {
      detach();
      detach = next?.attach(element) ?? (() => undefined);
      media = next;
      if (next) {
        void element.play().catch((error: unknown) => {
          if (error instanceof DOMException && error.name === 'NotAllowedError') blocked.value = true;
        });
      }
    });
    return () => {
      stopMedia();
      stopFrames();
      removeEventListener('pointerup', tapped);
      media = null;
      detach();
    };
  }, [viewing]);

  useEffect(() => {
    if (!video.current) return;
    video.current.muted = !listening;
    video.current.volume = store.volume.value;
  }, [listening, store.volume.value]);

  useSpoken(camera.name, pill);
  useEffect(() => onView?.(viewing), [viewing]);

  const { shown, frozen_ms } = view;
  return (
    <div class="picture" ref={frame} data-shown={shown} data-dimmed={dimmed(camera, view)} style={{ '--own': aspectOf(camera) }}>
      <video
        ref={video}
        muted
        playsInline
        autoplay
        disablePictureInPicture
        tabIndex={-1}
        {...(name ? { 'aria-hidden': true } : { 'aria-label': strings.picture.of(camera.name) })}
      />
      {name && <span class="name">{name}</span>}
      <PillMark pill={pill} />
      {!shown && store.server.value === 'there' && <Why camera={camera} viewing={viewing} />}
      {shown && frozen_ms > 0 && <p class="frozen">{strings.picture.frozen(frozen_ms / 1000)}</p>}
      {blocked.value && !shown && <p class="frozen">{strings.picture.blocked}</p>}
      {children}
    </div>
  );
}

/** In place of a picture: what happened and what to do. */
function Why({ camera, viewing }: { camera: Camera; viewing: Viewing | null }) {
  const [reason, advice] = whyOf(camera, viewing);
  if (!reason) return null;
  return (
    <div class="why">
      <p class="reason">{reason}</p>
      {advice && <p class="advice">{advice}</p>}
    </div>
  );
}

/** Reason and advice: of the viewing where it knows one, of the camera otherwise. */
export function whyOf(camera: Camera, viewing: Viewing | null): [string, string] {
  const problem = viewing?.snapshot.value.problem;
  if (problem) {
    const [reason, advice] = strings.problem[problem.kind];
    // A refused offer says both in its detail: it knows what the camera sends.
    return problem.kind === 'codec_not_supported' && problem.detail ? [problem.detail, ''] : [problem.detail || reason, advice];
  }
  return camera.state === 'live' ? ['', ''] : [camera.reason, camera.advice];
}
