package dev.quintet.trainer.cli;

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

  void print(List<String> prompts, TextOptions options) {
    if (stream) {
      for (int i = 0; i < prompts.size(); i++) {
        stream(prompts.get(i), options.withFirst(options.first() + i));
      }
      return;
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
  }

  private void stream(String prompt, TextOptions options) {
    if (jsonl) {
      out.print('"');
    }
    var _ =
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
  }

  private void line(String line) {
    out.print(line);
    out.print('\n');
  }

  private String plain(String answer) {
    return jsonl ? TextInput.json(answer) : answer.replaceAll("\\R", " ");
  }

  private static String object(String prompt, List<Answer> answers) {
    return "{\"prompt\": "
        + TextInput.json(prompt)
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
    return "{\"text\": " + TextInput.json(answer.text()) + ", \"ids\": [" + ids + "]" + score + "}";
  }
}
