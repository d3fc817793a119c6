package dev.quintet.tokenizers.dual;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/// What a file's name says about what is in it.
final class FileTypes {

  private static final Set<String> CODE =
      Set.of(
          "asm", "bash", "bat", "c", "cc", "clj", "cljs", "cmake", "cpp", "cs", "css", "cu", "cuh",
          "cxx", "dart", "diff", "ex", "exs", "f", "f90", "fs", "fsx", "go", "gradle", "groovy",
          "h", "hh", "hpp", "hs", "html", "hxx", "ini", "java", "jl", "js", "json", "jsonl", "jsx",
          "kt", "kts", "lisp", "lua", "m", "mjs", "ml", "mli", "mm", "nim", "pas", "patch", "php",
          "pl", "pm", "proto", "ps1", "py", "pyi", "r", "rb", "rs", "s", "sc", "scala", "scm", "sh",
          "sql", "svelte", "swift", "tcl", "tf", "toml", "ts", "tsx", "v", "vb", "vhd", "vue",
          "xml", "yaml", "yml", "zig", "zsh");
  private static final Set<String> CODE_NAMES =
      Set.of("makefile", "dockerfile", "cmakelists.txt", "jenkinsfile", "rakefile", "gemfile");
  private static final Set<String> FENCED = Set.of("md", "markdown", "mdx", "rmd", "qmd");

  private FileTypes() {}

  static Router router(Path file) {
    Path last = file.getFileName();
    String name = last == null ? "" : last.toString().toLowerCase(Locale.ROOT);
    String type = name.substring(name.lastIndexOf('.') + 1);
    boolean typed = name.indexOf('.') >= 0;
    if (CODE_NAMES.contains(name) || typed && CODE.contains(type)) {
      return Router.code();
    }
    return typed && FENCED.contains(type) ? Router.fences() : Router.language();
  }
}
