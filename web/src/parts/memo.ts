import { Component, type FunctionComponent, h } from 'preact';

/** Draws a component again only if its properties are not the same. */
export function memo<P extends object>(Inner: FunctionComponent<P>, same: (a: P, b: P) => boolean) {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P) {
      return !same(this.props as P, next);
    }
    override render() {
      return h(Inner, this.props as never);
    }
  };
}
