package dev.quintet.app.cli;

import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.text.Answer;
import dev.quintet.models.text.TextOptions;
import dev.quintet.models.text.TextToText;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Answers prompts and prints them, in the prompts' order.
///
/// @param text answers
/// @param out where they are printed
/// @param jsonl whether each line is a JSON string
/// @param details whether each line is a JSON object of a prompt and all its answers
/// @param stream whether pieces are printed as they come
record AnswerLines(
    TextToText text, PrintWriter out, boolean jsonl, boolean details, boolean stream) {

  /// What was printed.
  ///
  /// @param answers how many answers
  /// @param cut how many of them ended at the limit, and not at an end
  record Count(int answers, int cut) {
    Count and(Count more) {
      return new Count(answers + more.answers, cut + more.cut);
    }
  }

  Count print(List<String> prompts, TextOptions options) {
    Count count = new Count(0, 0);
    if (stream) {
      for (int i = 0; i < prompts.size(); i++) {
        count =
            count.and(
                count(
                    stream(prompts.get(i), own(options, i).withFirst(options.first() + i)),
                    options));
      }
      return count;
    }
    List<List<Answer>> answers = text.answers(prompts, options);
    for (int i = 0; i < prompts.size(); i++) {
      if (details) {
        line(object(prompts.get(i), answers.get(i)));
      } else {
        answers.get(i).forEach(answer -> line(plain(answer.text())));
      }
    }
    out.flush();
    return count(answers, options);
  }

  private static Count count(List<List<Answer>> answers, TextOptions options) {
    GenerationConfig generation = options.generation();
    int most = generation.maxLength(1) - 1;
    int all = 0;
    int cut = 0;
    for (List<Answer> own : answers) {
      for (Answer answer : own) {
        int length = answer.ids().length;
        boolean ended =
            length < most
                || length == 0
                || Arrays.stream(generation.eosIds()).anyMatch(id -> id == answer.ids()[length - 1])
                || generation.stopStrings().stream().anyMatch(answer.text()::contains);
        all++;
        cut += ended ? 0 : 1;
      }
    }
    return new Count(all, cut);
  }

  /// The options for one prompt alone, with its adapter.
  private static TextOptions own(TextOptions options, int prompt) {
    return options.adapters().size() > 1
        ? options.withAdapter(options.adapters().get(prompt))
        : options;
  }

  private List<List<Answer>> stream(String prompt, TextOptions options) {
    if (jsonl) {
      out.print('"');
    }
    List<List<Answer>> answers =
        text.answers(
            List.of(prompt),
            options.withListener((row, answer, piece) -> {
              String shown = plain(piece);
              // The pieces of a JSON string are strings without their quotes.
              out.print(jsonl ? shown.substring(1, shown.length() - 1) : shown);
              out.flush();
            }));
    out.print(jsonl ? "\"\n" : "\n");
    out.flush();
    return answers;
  }

  private void line(String line) {
    out.print(line);
    out.print('\n');
  }

  private String plain(String answer) {
    return jsonl ? JsonLine.of(answer) : answer.replaceAll("\\R", " ");
  }

  private static String object(String prompt, List<Answer> answers) {
    return "{\"prompt\": "
        + JsonLine.of(prompt)
        + ", \"answers\": ["
        + answers.stream().map(AnswerLines::object).collect(Collectors.joining(", "))
        + "]}";
  }

  private static String object(Answer answer) {
    String ids =
        Arrays.stream(answer.ids()).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    String score =
        answer.score().isPresent()
            ? String.format(Locale.ROOT, ", \"score\": %.9g", answer.score().getAsDouble())
            : "";
    return "{\"text\": " + JsonLine.of(answer.text()) + ", \"ids\": [" + ids + "]" + score + "}";
  }
}
