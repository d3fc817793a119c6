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

  /// The module of a class that is here or is wrapped by who is here.
  ///
  /// @throws IllegalStateException if there is none
  public <T extends Module> T innermost(Class<T> type) {
    Module here = module;
    while (!type.isInstance(here)) {
      here =
          here.wrapped()
              .orElseThrow(() ->
                  new IllegalStateException(
                      name
                          + " has been replaced by a module that wraps no "
                          + type.getSimpleName()));
    }
    return type.cast(here);
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
