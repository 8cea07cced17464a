/** Whether motion disturbs the person who looks: then nothing moves that need not. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
