/** What browsers are shown where a phrase is to be compared, which they do not have. */
export const verifyWording = {
  title: 'Only with the program',
  lead: 'The sender wants to compare a phrase with you before anything is sent, which needs the onionferry program on your side: onionferry receive --verify.',
} as const;
