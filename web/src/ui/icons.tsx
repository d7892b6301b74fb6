// Line icons on a 20 x 20 grid; always beside or in place of words that a label carries.

const paths = {
  plus: 'M10 4v12M4 10h12',
  back: 'M12 4.5 6.5 10l5.5 5.5',
  down: 'm5.5 8 4.5 4.5L14.5 8',
  expand: 'M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4',
  shrink: 'M7.5 3.5v4h-4M16.5 7.5h-4v-4M12.5 16.5v-4h4M3.5 12.5h4v4',
  check: 'm4.5 10.5 3.5 3.5 7.5-8',
  alert: 'M10 6v5M10 14v.2M10 2.5l7.8 14H2.2z',
  sound: 'M3 7.5h3l4-3.5v12l-4-3.5H3zM13 7.5a3.5 3.5 0 0 1 0 5M15.2 5a7 7 0 0 1 0 10',
  silence: 'M3 7.5h3l4-3.5v12l-4-3.5H3zM13 8l4 4M17 8l-4 4',
  cut: 'M3.5 3.5l13 13M6 6.2A9 9 0 0 0 2 10s3 5.5 8 5.5a8 8 0 0 0 3.6-.9M9 4.6A7.600 7.600 0 0 1 10 4.500c5 0 8 5.500 8 5.500a14 14 0 0 1-2.300 2.900',
};

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
