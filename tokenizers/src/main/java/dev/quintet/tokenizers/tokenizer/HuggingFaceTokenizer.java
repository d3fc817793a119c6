package dev.quintet.tokenizers.tokenizer;

import dev.quintet.tokenizers.bpe.ByteLevelBpe;
import dev.quintet.tokenizers.format.AddedToken;
import dev.quintet.tokenizers.format.BpeSpec;
import dev.quintet.tokenizers.format.MalformedFileException;
import dev.quintet.tokenizers.format.TokenizerConfig;
import dev.quintet.tokenizers.format.TokenizerJson;
import dev.quintet.tokenizers.format.UnigramSpec;
import dev.quintet.tokenizers.normalize.TextNormalizer;
import dev.quintet.tokenizers.pretokenize.ByteSplitter;
import dev.quintet.tokenizers.pretokenize.PreTokenizer;
import dev.quintet.tokenizers.token.Text;
import dev.quintet.tokenizers.token.TokenBuffer;
import dev.quintet.tokenizers.token.WordModel;
import dev.quintet.tokenizers.token.Workspaces;
import dev.quintet.tokenizers.token.Workspaces.Workspace;
import dev.quintet.tokenizers.unigram.WordUnigram;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The pipeline that a `tokenizer.json` describes: added tokens are cut out of the raw text, the
/// gaps are normalized, added tokens are cut out of the normalized text, the gaps are cut into
/// words, the model encodes each word, and the template puts special tokens around the whole.
final class HuggingFaceTokenizer implements Tokenizer {

  private final TokenizerJson description;
  private final TokenizerConfig config;
  private final AddedTokenMatcher rawTokens;
  private final AddedTokenMatcher normalizedTokens;
  private final TextNormalizer normalizer;
  private final PreTokenizer preTokenizer;
  private final WordModel model;
  private final PostProcessor postProcessor;
  private final Map<String, Integer> addedIds = new HashMap<>();
  private final Map<Integer, String> addedTokens = new HashMap<>();
  private final TokenTexts texts;
  private final Workspaces workspaces = new Workspaces();
  private final int size;

  private static TextNormalizer normalizer(TokenizerJson description) {
    try {
      return new TextNormalizer(description.normalizers());
    } catch (IllegalArgumentException broken) {
      throw new MalformedFileException(
          description.name(), "/normalizer", "expected " + broken.getMessage());
    }
  }

  private HuggingFaceTokenizer(TokenizerJson description, Optional<TokenizerConfig> given) {
    this.description = description;
    this.normalizer = normalizer(description);
    List<AddedToken> added = description.addedTokens();
    this.rawTokens =
        new AddedTokenMatcher(added.stream().filter(t -> !t.normalized()).toList(), t -> t);
    this.normalizedTokens =
        new AddedTokenMatcher(
            added.stream().filter(AddedToken::normalized).toList(), normalizer::normalize);
    this.preTokenizer = PreTokenizer.of(description.preTokenizers());
    WordModel words =
        switch (description.model()) {
          case BpeSpec bpe -> new ByteLevelBpe(bpe);
          case UnigramSpec unigram -> new WordUnigram(unigram);
        };
    this.model = preTokenizer.isMarked() ? new MarkedWords(words) : words;
    this.postProcessor = new PostProcessor(description.postProcessors());
    for (AddedToken token : added) {
      addedIds.put(token.content(), token.id());
      addedTokens.put(token.id(), token.content());
    }
    this.size =
        Math.max(
            description.model().vocabulary().size(),
            1 + added.stream().mapToInt(AddedToken::id).max().orElse(-1));
    // The reference decodes an added token as it looks in normalized text, and then takes it for
    // special only if that is how it is listed.
    boolean[] special = new boolean[size];
    Map<Integer, String> spelled = new HashMap<>();
    for (AddedToken token : added) {
      String text = token.normalized() ? normalizer.normalize(token.content()) : token.content();
      spelled.put(token.id(), text);
      special[token.id()] = token.special() && text.equals(token.content());
    }
    this.texts =
        new TokenTexts(
            size,
            id -> Optional.ofNullable(spelled.get(id)).or(() -> find(id)),
            special,
            description.decoder());
    this.config = given.orElseGet(this::defaultConfig);
  }

  static HuggingFaceTokenizer of(TokenizerJson description, Optional<TokenizerConfig> config) {
    return new HuggingFaceTokenizer(description, config);
  }

  private TokenizerConfig defaultConfig() {
    List<String> roles = List.of("<pad>", "</s>", "<unk>");
    List<Optional<String>> present =
        roles.stream().map(role -> Optional.of(role).filter(addedIds::containsKey)).toList();
    List<String> extra =
        description.addedTokens().stream()
            .filter(token -> token.special() && !roles.contains(token.content()))
            .map(AddedToken::content)
            .toList();
    return TokenizerConfig.of(present.get(0), present.get(1), present.get(2), extra);
  }

  @Override
  public Encoding encode(CharSequence text, boolean addSpecialTokens) {
    String whole = Text.wellFormed(text);
    Workspace work = workspaces.take();
    try {
      tokens(whole, work, true);
      // An added token is spelled as it was found, with the white space that it took along.
      return postProcessor.finish(
          whole,
          work.tokens,
          addSpecialTokens,
          (id, start, end) ->
              addedTokens.containsKey(id) ? whole.substring(start, end) : token(id));
    } finally {
      workspaces.giveBack(work);
    }
  }

  @Override
  public int[] encodeToIds(CharSequence text, boolean addSpecialTokens) {
    Workspace work = workspaces.take();
    try {
      tokens(Text.wellFormed(text), work, false);
      return addSpecialTokens ? postProcessor.ids(work.tokens) : work.tokens.ids();
    } finally {
      workspaces.giveBack(work);
    }
  }

  /// Finds the tokens of a text; their places are right only where `placed`.
  private void tokens(String whole, Workspace work, boolean placed) {
    rawTokens.split(
        whole,
        0,
        whole.length(),
        new AddedTokenMatcher.Sink() {
          @Override
          public void text(int start, int end) {
            encodeGap(whole, start, end, work, placed);
          }

          @Override
          public void token(int id, int start, int end) {
            work.tokens.add(id, start, end);
          }
        });
  }

  private void encodeGap(String whole, int from, int to, Workspace work, boolean placed) {
    TextNormalizer.Aligned gap = normalizer.align(whole, from, to);
    int first = work.tokens.size();
    normalizedTokens.split(
        gap.text(),
        gap.start(),
        gap.end(),
        new AddedTokenMatcher.Sink() {
          @Override
          public void text(int start, int end) {
            boolean begins = from == 0 && start == gap.start();
            preTokenizer.stretches(
                gap.text(),
                start,
                end,
                begins,
                (source, s, e, shift, stretch) ->
                    encodeStretch(gap.text(), source, s, e, shift, stretch, work, placed));
          }

          @Override
          public void token(int id, int start, int end) {
            work.tokens.add(id, start, end);
          }
        });
    if (placed) {
      gap.restore(work.tokens, first);
    }
  }

  private void encodeStretch(
      String text,
      String source,
      int start,
      int end,
      int shift,
      int stretch,
      Workspace work,
      boolean placed) {
    byte[] utf8 = source.substring(start, end).getBytes(StandardCharsets.UTF_8);
    TokenBuffer out = work.tokens;
    int before = out.size();
    ByteSplitter words = preTokenizer.words();
    for (int at = 0; at < utf8.length; ) {
      int next = words.next(utf8, at, utf8.length);
      work.cache.encode(model, utf8, at, next, out);
      at = next;
    }
    if (!placed) {
      return;
    }
    out.toUnits(before, utf8, start + shift, utf8.length == end - start);
    if (stretch != PreTokenizer.NOT_MOVED) {
      // What was put before the stretch stands where its first character does.
      int afterFirst = stretch + Character.charCount(text.codePointAt(stretch));
      for (int i = before; i < out.size(); i++) {
        out.move(i, Math.max(out.start(i), stretch), Math.max(out.end(i), afterFirst));
      }
    }
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    return texts.decode(ids, skipSpecialTokens);
  }

  @Override
  public int vocabularySize() {
    return size;
  }

  @Override
  public OptionalInt id(String token) {
    Integer added = addedIds.get(token);
    return added == null ? description.model().vocabulary().id(token) : OptionalInt.of(added);
  }

  private Optional<String> find(int id) {
    return Optional.ofNullable(addedTokens.get(id))
        .or(() -> description.model().vocabulary().token(id));
  }

  @Override
  public String token(int id) {
    return find(id)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "token: expected an id from 0 to " + (size - 1) + " that is taken, got " + id));
  }

  @Override
  public OptionalInt padId() {
    return id(config.pad().orElse("<pad>"));
  }

  @Override
  public OptionalInt eosId() {
    return id(config.eos().orElse("</s>"));
  }

  @Override
  public OptionalInt unknownId() {
    return id(config.unknown().orElse("<unk>"));
  }

  @Override
  public void save(Path folder) {
    config.write(folder.resolve(TokenizerFolder.CONFIG));
    description.write(folder.resolve(TokenizerFolder.TOKENIZER));
  }
}
