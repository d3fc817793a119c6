package dev.quintet.app.augment;

import dev.quintet.trainer.augment.CodeNames;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The names of local variables and parameters in Java code: a method, or a whole file, as the JDK's own parser reads it.
///
/// Only syntax is looked at, so a name is left alone where it could mean something else: one that begins with a capital, is a
/// field's too, or stands where no declaration of it reaches.
public final class JavaNames implements CodeNames {
  private static final Pattern WORD =
      Pattern.compile("[\\p{javaJavaIdentifierStart}][\\p{javaJavaIdentifierPart}]*");

  private static final List<String> KEYWORDS =
      List.of(
          ("_ abstract assert boolean break byte case catch char class const continue default do double else enum exports extends"
                  + " false final finally float for goto if implements import instanceof int interface long module native new"
                  + " non null open opens package permits private protected provides public record requires return sealed"
                  + " short static strictfp super switch synchronized this throw throws to transient transitive true try"
                  + " uses var void volatile when while with yield")
              .split(" "));

  private Optional<JavaCode> last = Optional.empty();

  /// A reader of names; used by one thread.
  public JavaNames() {}

  @Override
  public Optional<Names> names(String code) {
    return parsed(code)
        .map(parsed -> {
          var locals = new LinkedHashSet<String>();
          parsed.occurrences().forEach(occurrence -> locals.add(occurrence.name()));
          var taken = new HashSet<>(KEYWORDS);
          WORD.matcher(code).results().forEach(word -> taken.add(word.group()));
          taken.removeAll(locals);
          return new Names(List.copyOf(locals), taken);
        });
  }

  @Override
  public Optional<String> renamed(String code, Map<String, String> to) {
    Optional<JavaCode> old = parsed(code);
    if (old.isEmpty()) {
      return Optional.empty();
    }
    var text = new StringBuilder();
    int at = 0;
    for (JavaCode.Occurrence occurrence : old.get().occurrences()) {
      String name = occurrence.name();
      if (!code.startsWith(name, occurrence.start())) {
        return Optional.empty(); // written with an escape
      }
      text.append(code, at, occurrence.start()).append(to.getOrDefault(name, name));
      at = occurrence.start() + name.length();
    }
    String other = text.append(code, at, code.length()).toString();
    return JavaCode.parse(other).filter(now -> sameButForNames(old.get(), now, to)).map(_ -> other);
  }

  private static boolean sameButForNames(JavaCode old, JavaCode now, Map<String, String> to) {
    List<String> expected = new ArrayList<>(old.tree());
    for (JavaCode.Occurrence occurrence : old.occurrences()) {
      expected.set(occurrence.place(), to.getOrDefault(occurrence.name(), occurrence.name()));
    }
    return expected.equals(now.tree()) && old.occurrences().size() == now.occurrences().size();
  }

  private Optional<JavaCode> parsed(String code) {
    if (last.filter(parsed -> parsed.code().equals(code)).isEmpty()) {
      last = JavaCode.parse(code);
    }
    return last;
  }
}
