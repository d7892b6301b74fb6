// Each home has a colour, so that one never wonders whose house this is: "#rrggbb" from the server, or one made from the
// home's id where it has none.

import type { Home } from '../api/types';

function hueOf(text: string): number {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 360;
  return sum;
}

export function homeColour({ colour, id }: Home): string {
  if (/^#[0-9a-f]{6}$/i.test(colour)) return colour;
  return `oklch(0.66 0.13 ${hueOf(id)})`;
}
