/** Content that travels in one data frame. */
export interface Piece {
  readonly position: number;
  readonly length: number;
}
