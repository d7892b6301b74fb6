// Camera addresses as people paste them.

/** "rtsp://user:pass@host/path" in its parts; null where there are no credentials in it. */
export function splitCredentials(address: string): { url: string; username: string; password: string } | null {
  // Up to the last @ before the path: passwords with an unescaped @ in them are common.
  const match = /^(\s*rtsps?:\/\/)([^/?#\s]*)@([^@/?#\s]+.*)$/i.exec(address);
  if (!match) return null;
  const [, scheme = '', credentials = '', rest = ''] = match;
  const colon = credentials.indexOf(':');
  const [username, password] = colon < 0 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  return { url: scheme.trim() + rest, username: decoded(username), password: decoded(password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
