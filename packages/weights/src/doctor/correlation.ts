/** The correlation of pairs of numbers around zero, in −1 to 1; 0 where there are none. */
export class Correlation {
  private products = 0;
  private left = 0;
  private right = 0;

  add(a: number, b: number): void {
    this.products += a * b;
    this.left += a * a;
    this.right += b * b;
  }

  get value(): number {
    const scale = Math.sqrt(this.left * this.right);
    return scale > 0 ? this.products / scale : 0;
  }
}
