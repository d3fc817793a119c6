package dev.quintet.core.nn;

/// The place of a child in its parent, whose occupant can be replaced: by an adapter, say.
///
/// @param <M> what the parent needs of whoever is there
public final class Child<M> {
  private final String name;
  private final Class<M> kind;
  private Module module;
  private M typed;

  Child(String name, Class<M> kind, Module module) {
    this.name = name;
    this.kind = kind;
    this.module = module;
    this.typed = cast(module);
  }

  /// Who is there now.
  public M get() {
    return typed;
  }

  /// The name within the parent.
  public String name() {
    return name;
  }

  Module module() {
    return module;
  }

  void set(Module next) {
    typed = cast(next);
    module = next;
  }

  private M cast(Module candidate) {
    if (!kind.isInstance(candidate)) {
      throw new IllegalArgumentException(
          "the child "
              + name
              + " must be a "
              + kind.getSimpleName()
              + ", and "
              + candidate.getClass().getSimpleName()
              + " is none");
    }
    return kind.cast(candidate);
  }
}
