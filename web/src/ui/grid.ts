// Which of some boxes on the screen lies next to one of them in a direction.

export type Direction = 'left' | 'right' | 'up' | 'down';

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The nearest box in that direction, favouring those in line; in reading order where a row ends; `from` where none is. */
export function neighbour(boxes: Box[], from: number, direction: Direction): number {
  const start = boxes[from];
  if (!start) return from;
  if (direction === 'left' || direction === 'right') {
    const to = from + (direction === 'left' ? -1 : 1);
    return boxes[to] ? to : from;
  }
  const middle = (box: Box): [number, number] => [box.left + box.width / 2, box.top + box.height / 2];
  const [x, y] = middle(start);
  let best = from;
  let bestDistance = Infinity;
  boxes.forEach((box, index) => {
    const [otherX, otherY] = middle(box);
    const down = direction === 'down' ? otherY - y : y - otherY;
    if (index === from || down < start.height / 3) return;
    const distance = down + 2 * Math.abs(otherX - x);
    if (distance < bestDistance) {
      best = index;
      bestDistance = distance;
    }
  });
  return best;
}
