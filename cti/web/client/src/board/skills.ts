/** "zh 5, en 3" as skills and levels; null when it cannot be read so. */
export function readSkills(text: string): Record<string, number> | null {
  const skills: Record<string, number> = {};
  for (const part of text.split(/[,，]/u).map((each) => each.trim())) {
    if (part === "") continue;
    const found = /^(\S+)\s*[ :：=]\s*(\d{1,2})$/u.exec(part);
    const level = Number(found?.[2]);
    if (found?.[1] === undefined || level < 1 || level > 10) return null;
    skills[found[1]] = level;
  }
  return skills;
}

export const writeSkills = (skills: Readonly<Record<string, number>>): string =>
  Object.entries(skills)
    .map(([skill, level]) => `${skill} ${level}`)
    .join(", ");
