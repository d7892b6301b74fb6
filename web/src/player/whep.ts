// A WHEP client (draft-ietf-wish-whep-03): a recvonly transceiver for the video and one for sound where it is wanted, the offer at once (the server is ICE-lite and
// has its candidate in the answer; ours it learns from our checks), DELETE when leaving.

import { errorOf, kApi } from '../api/client';
import { streamQuery, type Ask, type Media, type PlayerSession } from './media';

export interface WhepPlatform {
  fetch: typeof globalThis.fetch;
  peer(): RTCPeerConnection;
}

/** Older browsers have `playoutDelayHint` (seconds) for the newer `jitterBufferTarget` (milliseconds). */
interface DelayedReceiver {
  jitterBufferTarget?: number | null;
  playoutDelayHint?: number | null;
}

function askForLowDelay(receiver: DelayedReceiver): void {
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
  else if ('playoutDelayHint' in receiver) receiver.playoutDelayHint = 0;
}

function idOf(location: string | null): string {
  const id = /\/viewings\/([0-9a-f]{32})$/.exec(location ?? '')?.[1];
  if (!id) throw new Error('the answer names no viewing');
  return id;
}

/**
 * Starts a viewing. `lost` is called once when the connection is beyond repair. Throws an ApiError when the
 * server refuses, and whatever the peer connection throws for an answer that it cannot use.
 */
export async function startWhep(platform: WhepPlatform, { camera, stream, sound }: Ask, lost: () => void): Promise<PlayerSession> {
  const peer = platform.peer();
  let viewing: string | null = null;
  let closed = false;
  const close = (tell = true): void => {
    if (closed) return;
    closed = true;
    peer.onconnectionstatechange = null;
    peer.close();
    if (viewing && tell) {
      void platform
        .fetch(`${kApi}/viewings/${viewing}`, { method: 'DELETE', keepalive: true, credentials: 'same-origin' })
        .catch(() => {}); // the server ends it by itself when our consent checks stop
    }
  };
  try {
    const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' });
    askForLowDelay(receiver);
    const heard = sound ? peer.addTransceiver('audio', { direction: 'recvonly' }) : null;
    if (heard) askForLowDelay(heard.receiver);
    const offer = await peer.createOffer();
    // Both at once: setting the offer takes a turn of the browser's network thread, which the request need not wait for.
    const [answer] = await Promise.all([
      platform.fetch(`${kApi}/cameras/${camera}/whep${streamQuery(stream)}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp', Accept: 'application/sdp' },
        credentials: 'same-origin',
        body: offer.sdp ?? '',
        // On a connection that died without a word, an answer would never come.
        signal: AbortSignal.timeout(5_000),
      }),
      peer.setLocalDescription(offer),
    ]);
    if (answer.status !== 201) throw await errorOf(answer);
    viewing = idOf(answer.headers.get('location'));
    await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
    const hears = heard?.currentDirection === 'recvonly';
    peer.onconnectionstatechange = () => {
      if (!closed && (peer.connectionState === 'failed' || peer.connectionState === 'closed')) lost();
    };
    return {
      id: viewing,
      media: mediaOf(receiver, hears ? heard!.receiver : null),
      sound: hears,
      connected: () => peer.connectionState === 'connected',
      roundTrip_ms: () => roundTrip(peer),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function mediaOf(receiver: RTCRtpReceiver, heard: RTCRtpReceiver | null): Media {
  const stream = new MediaStream(heard ? [receiver.track, heard.track] : [receiver.track]);
  return {
    attach(video) {
      video.srcObject = stream;
      return () => (video.srcObject = null);
    },
    timeOf: (_video, presented) => presented?.rtpTimestamp ?? playingRtp(receiver),
  };
}

/** RTP timestamp of the picture that is being played, where no frame callback tells it. */
function playingRtp(receiver: RTCRtpReceiver): number | null {
  const sources = receiver.getSynchronizationSources?.() ?? [];
  return sources[0]?.rtpTimestamp ?? null;
}

async function roundTrip(peer: RTCPeerConnection): Promise<number | null> {
  let seconds: number | null = null;
  (await peer.getStats()).forEach((report: { type: string; nominated?: boolean; currentRoundTripTime?: number }) => {
    if (report.type === 'candidate-pair' && report.nominated && report.currentRoundTripTime !== undefined) {
      seconds = report.currentRoundTripTime;
    }
  });
  return seconds === null ? null : seconds * 1000;
}
