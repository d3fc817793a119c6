package dev.quintet.core.nn;

/// The place of a child in its parent, whose occupant can be replaced: by an adapter, say.
///
/// @param <M> what the parent needs of whoever is there
public final class Child<M> {
  private final String name;
  private final Class<M> kind;
  private final boolean wrapped;
  private Module module;
  private M typed;

  Child(String name, Class<M> kind, Module module, boolean wrapped) {
    this.name = name;
    this.kind = kind;
    this.wrapped = wrapped;
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

  /// Whether the parameters below go by the parent's own path, as if the parent were not there.
  boolean wrapped() {
    return wrapped;
  }

  Module module() {
    return module;
  }

  void set(Module next) {
    typed = cast(next);
    module = next;
  }

  /// Refuses what cannot stand here.
  void check(Module candidate) {
    cast(candidate);
  }

  private M cast(Module candidate) {
    if (!kind.isInstance(candidate)) {
      throw new IllegalArgumentException(
          "the child "
              + name
              + " takes a module of the type "
              + kind.getSimpleName()
              + ", which "
              + candidate.getClass().getSimpleName()
              + " is not");
    }
    return kind.cast(candidate);
  }
}
