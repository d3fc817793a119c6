package dev.quintet.tokenizers;

import dev.quintet.tokenizers.huggingface.PostProcessorSpec;
import dev.quintet.tokenizers.huggingface.Truncation;
import dev.quintet.tokenizers.pipeline.PostProcessor;
import dev.quintet.tokenizers.text.Text;
import dev.quintet.tokenizers.text.TokenBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How one text or two become windows.
///
/// @param truncation how sequences that are too long are truncated, if they are
/// @param addSpecialTokens whether the template's special tokens are added
/// @param keepRest whether what is cut off becomes further windows
public record WindowOptions(
    Optional<Truncation> truncation, boolean addSpecialTokens, boolean keepRest) {

  static void requireOneOrTwo(List<? extends CharSequence> texts) {
    if (texts.isEmpty() || texts.size() > 2) {
      throw new IllegalArgumentException("encode: expected one text or two, got " + texts.size());
    }
  }

  List<Window> finish(
      List<PostProcessor.Part> texts, PostProcessor steps, PostProcessor.Spelling spelling) {
    int reserved = addSpecialTokens ? steps.added(texts.size() == 2) : 0;
    List<PostProcessor.Part> cut =
        truncation.map(how -> new Windows(how, keepRest).cut(texts, reserved)).orElse(texts);
    return steps.finish(cut, addSpecialTokens, spelling).stream()
        .map(one ->
            new Window(
                new Encoding(one.tokens().ids(), one.tokens().starts(), one.tokens().ends()),
                one.types()))
        .toList();
  }

  /// For a tokenizer that has no template of its own: what it puts around an empty text stands around each text, as
  /// T5 does with `</s>`; all types are 0.
  List<Window> finish(Tokenizer tokenizer, List<? extends CharSequence> texts) {
    requireOneOrTwo(texts);
    List<Integer> end = Arrays.stream(tokenizer.encodeToIds("", true)).boxed().toList();
    var special = new PostProcessorSpec.Special(end, 0);
    var first = new PostProcessorSpec.Text(false, 0);
    var second = new PostProcessorSpec.Text(true, 0);
    PostProcessor steps =
        new PostProcessor(
            List.of(
                new PostProcessorSpec.Template(
                    List.of(first, special), List.of(first, special, second, special))));
    List<PostProcessor.Part> parts = new ArrayList<>();
    for (CharSequence text : texts) {
      Encoding plain = tokenizer.encode(text, false);
      TokenBuffer tokens = new TokenBuffer(plain.size());
      for (int i = 0; i < plain.size(); i++) {
        tokens.add(plain.id(i), plain.start(i), plain.end(i));
      }
      parts.add(PostProcessor.part(Text.wellFormed(text), tokens, 0));
    }
    return finish(parts, steps, tokenizer::token);
  }
}
