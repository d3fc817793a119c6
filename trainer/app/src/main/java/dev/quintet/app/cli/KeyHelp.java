package dev.quintet.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;

/// The section of a command's help that lists the keys of its file.
///
/// @param title what stands above them
/// @param keys each with what it takes and means
record KeyHelp(String title, Map<String, String> keys) {

  /// Adds the section to a command's help; it is made when somebody asks for help, not at every start of the program.
  static void addTo(CommandLine command, Supplier<KeyHelp> section) {
    List<String> order = new ArrayList<>(command.getHelpSectionKeys());
    order.add("keys");
    command.setHelpSectionKeys(order);
    command
        .getHelpSectionMap()
        .put(
            "keys",
            help -> {
              KeyHelp made = section.get();
              return "%n%s:%n".formatted(made.title) + help.createTextTable(made.keys);
            });
  }

  /// The keys of a file of which help says nothing more.
  static KeyHelp of(Map<String, String> keys) {
    return new KeyHelp("Keys of the file", keys);
  }
}
