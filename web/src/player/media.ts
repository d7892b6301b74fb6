// What a viewing needs of a way by which pictures come (WHEP, MSE), whichever it is; tests have their own.

import type { EndReason, ViewingEvent } from '../api/types';

export type Door = 'whep' | 'mse';

/** Of a camera: the large one, and the small one where it has that. */
export type Stream = 'main' | 'sub';

/** What a session is asked for. */
export interface Ask {
  camera: string;
  stream: Stream;
  sound: boolean;
}

/** What the doors are asked for. */
export const streamQuery = (stream: Stream): string => (stream === 'main' ? '' : `?stream=${stream}`);

/** What a <video> plays. */
export interface Media {
  /** Makes `video` play it; the function that comes back takes it away again. At one place at a time. */
  attach(video: HTMLVideoElement): () => void;
  /** The time of the picture that was presented, at 90 kHz on the clock of `viewing` events; null where nobody tells. */
  timeOf(video: HTMLVideoElement, presented: VideoFrameCallbackMetadata | undefined): number | null;
}

export interface PlayerSession {
  readonly id: string;
  readonly media: Media;
  /** Whether the sound that was asked for comes, too. */
  readonly sound: boolean;
  /** Whether there is a way for pictures to come by: without one none will, whatever the camera does. */
  connected(): boolean;
  roundTrip_ms(): Promise<number | null>;
  /** Stops receiving, and tells the server unless it is the server that ended it. May be called more than once. */
  close(tell?: boolean): void;
}

/** What a session has to say after it was given. */
export interface SessionEvents {
  /** Beyond repair; once. */
  lost(): void;
  ended(reason: EndReason): void;
  /** This browser cannot play the camera's video by this way. */
  unplayable(): void;
  /** When a picture was captured. */
  picture(event: ViewingEvent): void;
}
