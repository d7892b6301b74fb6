// What the server says, as docs/ref/api.md has it.

export type CameraState =
  | 'connecting'
  | 'live'
  | 'stalled'
  | 'wrong_password'
  | 'unreachable'
  | 'no_stream'
  | 'no_key_frame'
  | 'codec_not_supported'
  | 'refused'
  | 'certificate_changed'
  | 'privacy'
  | 'suspended';

export interface Video {
  codec: string;
  width: number;
  height: number;
  fps: number;
}

export interface Audio {
  codec: string;
  rate: number;
  channels: number;
}

export type Transport = 'tcp' | 'udp' | 'http';

export interface Camera {
  id: string;
  home: string;
  name: string;
  model: string;
  firmware: string;
  time_zone: string;
  host: string;
  transport: Transport;
  state: CameraState;
  reason: string;
  advice: string;
  since: string; // RFC 3339, UTC
  video: Video | null;
  audio: Audio | null; // the sound that is taken in now
  sound: 'on' | 'off'; // the owners' switch
  sub: SubStream | null; // null: it has none
  age_ms: number | null;
}

/** A camera's small stream; `idle` while nobody watches it. */
export interface SubStream {
  state: CameraState | 'idle';
  reason: string;
  video: Video | null;
}

export interface Home {
  id: string;
  name: string;
  role: 'owner' | 'member' | 'guest';
  colour: string;
}

export interface Session {
  account: { id: string; name: string };
  homes: Home[];
}

export interface Invitation {
  account: { name: string };
  home: { id: string; name: string };
}

export interface CameraSource {
  url: string;
  sub_url?: string; // empty: none
  username?: string;
  password?: string;
  transport?: Transport;
}

export type CameraChange = Partial<CameraSource> & { name?: string; sound?: Camera['sound'] };

export type CameraTest =
  | { ok: true; video: Video | null; sub?: SubStream }
  | { ok: false; state: CameraState; reason: string; advice: string };

/** A picture with this RTP timestamp was captured at `capture_us` on the server's clock, which said `now_us` when sent. */
export interface ViewingEvent {
  id: string;
  rtp_timestamp: number;
  capture_us: number;
  now_us: number;
}

export type EndReason =
  | 'signed_out'
  | 'rights_changed'
  | 'camera_removed'
  | 'tenure_ended'
  | 'suspended'
  | 'privacy_on'
  | 'lease_lost'
  | 'refused';

export interface ServerIs {
  run: string;
  version: string;
}

export interface ViewingEnded {
  id: string;
  reason: EndReason;
}
