// Each home has a colour, so that one never wonders whose house this is. Made from what the server says, or from the
// home's id where that is no colour we know.

import type { Home } from '../api/types';

const kHues: Record<string, number> = { teal: 185, blue: 230, violet: 275, magenta: 320, red: 10, orange: 45, yellow: 80, green: 140 };

function hueOf(text: string): number {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 360;
  return sum;
}

export function homeColour({ colour, id }: Home): string {
  if (/^#[0-9a-f]{6}$/i.test(colour)) return colour;
  const hue = kHues[colour.toLowerCase()] ?? hueOf(id);
  return `oklch(0.66 0.13 ${hue})`;
}
