// Tells when a new picture is on the screen: by requestVideoFrameCallback where there is one, else by the count of
// decoded frames.

const kPoll_ms = 200;

/** Calls `frame` for every presented picture of whatever `video` plays; the RTP timestamp where the browser knows it. */
export function watchFrames(video: HTMLVideoElement, frame: (stream: MediaStream, rtp: number | undefined) => void): () => void {
  const told = (rtp?: number): void => {
    if (video.srcObject instanceof MediaStream) frame(video.srcObject, rtp);
  };
  if ('requestVideoFrameCallback' in video) {
    let handle = 0;
    const next = (_now: number, metadata?: VideoFrameCallbackMetadata): void => {
      if (metadata) told(metadata.rtpTimestamp);
      handle = video.requestVideoFrameCallback(next);
    };
    next(0);
    return () => video.cancelVideoFrameCallback(handle);
  }
  const element = video as HTMLVideoElement;
  let before = 0;
  const timer = setInterval(() => {
    const count = element.getVideoPlaybackQuality().totalVideoFrames;
    if (count > before) told();
    before = count;
  }, kPoll_ms);
  return () => clearInterval(timer);
}
