package dev.quintet.tokenizers;

import dev.quintet.tokenizers.bpe.Tiktoken;
import dev.quintet.tokenizers.bpe.TiktokenFile;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.file.TokenizerFiles;
import dev.quintet.tokenizers.huggingface.TokenizerConfig;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.huggingface.VocabAndMerges;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/// Recognises and reads what [Tokenizer#load] is given.
final class TokenizerFolder {

  static final String TOKENIZER = "tokenizer.json";
  static final String CONFIG = "tokenizer_config.json";

  private static final List<String> READ =
      List.of(
          TOKENIZER,
          "config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          SentencePieceTokenizer.MODEL,
          "vocab.json",
          "merges.txt");

  private TokenizerFolder() {}

  static Tokenizer load(Path fileOrFolder) {
    Objects.requireNonNull(fileOrFolder, "Tokenizer.load: the file or folder is null");
    return Files.isDirectory(fileOrFolder) ? folder(fileOrFolder) : file(fileOrFolder);
  }

  static Tokenizer loadSentencePiece(Path fileOrFolder) {
    Objects.requireNonNull(fileOrFolder, "Tokenizer.loadSentencePiece: the file or folder is null");
    if (!Files.isDirectory(fileOrFolder)) {
      return SentencePieceTokenizer.plain(SentencePieceModel.read(fileOrFolder));
    }
    refusePipes(fileOrFolder);
    return sentencePiece(
        fileOrFolder.resolve(SentencePieceTokenizer.MODEL),
        TokenizerConfig.ofFolder(fileOrFolder),
        SentencePieceTokenizer::raw);
  }

  static Tokenizer loadT5(Path fileOrFolder) {
    Objects.requireNonNull(fileOrFolder, "Tokenizer.loadT5: the file or folder is null");
    Tokenizer loaded = load(fileOrFolder);
    return loaded instanceof SentencePieceTokenizer pieces ? pieces.asT5() : loaded;
  }

  private static Tokenizer sentencePiece(
      Path model,
      TokenizerConfig config,
      BiFunction<SentencePieceModel, TokenizerConfig, Tokenizer> t5) {
    SentencePieceModel pieces = SentencePieceModel.read(model);
    return config.isT5() ? t5.apply(pieces, config.asT5()) : SentencePieceTokenizer.plain(pieces);
  }

  /// Nothing is read from pipes and devices in a folder, which may never end.
  private static void refusePipes(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> READ.stream().anyMatch(file.getFileName().toString()::endsWith))
          .filter(
              file -> Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file))
          .findFirst()
          .ifPresent(file -> {
            throw new MalformedFileException(
                file.toString(), "offset 0", "expected a file, got a pipe or a device");
          });
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot list " + folder, failed);
    }
  }

  private static Tokenizer folder(Path folder) {
    refusePipes(folder);
    for (TokenizerFormat format :
        ServiceLoader.load(TokenizerFormat.class, TokenizerFormat.class.getClassLoader())) {
      Optional<Tokenizer> loaded = format.load(folder);
      if (loaded.isPresent()) {
        return loaded.get();
      }
    }
    TokenizerConfig configured = TokenizerConfig.ofFolder(folder);
    Path json = folder.resolve(TOKENIZER);
    Path model = folder.resolve(SentencePieceTokenizer.MODEL);
    if (Files.exists(json)) {
      TokenizerConfig kept = Files.exists(model) ? configured.keeping(model) : configured;
      return HuggingFaceTokenizer.of(TokenizerJson.read(json), Optional.of(kept));
    }
    if (Files.exists(model)) {
      return sentencePiece(model, configured, SentencePieceTokenizer::t5);
    }
    Optional<Path> vocab = only(folder, "vocab.json");
    Optional<Path> merges = only(folder, "merges.txt");
    if (vocab.isPresent() && merges.isPresent()) {
      return HuggingFaceTokenizer.of(
          VocabAndMerges.read(vocab.get(), merges.get(), configured),
          Optional.of(configured.asByteLevel().keeping(vocab.get()).keeping(merges.get())));
    }
    throw new UncheckedIOException(
        new NoSuchFileException(
            // The folder itself is there.
            json.toString(),
            null,
            "expected a folder with a "
                + TOKENIZER
                + ", a "
                + SentencePieceTokenizer.MODEL
                + ", or one *vocab.json and one *merges.txt"));
  }

  /// The file of a folder whose name ends so, if there is exactly one.
  private static Optional<Path> only(Path folder, String ending) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().endsWith(ending)).limit(2).toList();
      return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot list " + folder, failed);
    }
  }

  private static Tokenizer file(Path file) {
    byte[] bytes = TokenizerFiles.read(file);
    String name = file.toString();
    if (TiktokenFile.mayBe(bytes)) {
      TokenizerJson description = Tiktoken.describe(name, TiktokenFile.parse(name, bytes));
      return HuggingFaceTokenizer.of(description, Optional.empty());
    }
    if (!SentencePieceModel.mayBe(bytes)) {
      return HuggingFaceTokenizer.of(TokenizerJson.parse(name, bytes), Optional.empty());
    }
    try {
      return SentencePieceTokenizer.plain(SentencePieceModel.parse(name, bytes));
    } catch (MalformedFileException broken) {
      // A JSON text may begin with a line end, which is a model's first byte.
      if (firstVisible(bytes) == '{') {
        return HuggingFaceTokenizer.of(TokenizerJson.parse(name, bytes), Optional.empty());
      }
      throw broken;
    }
  }

  private static int firstVisible(byte[] bytes) {
    int i = 0;
    while (i < bytes.length && bytes[i] <= ' ' && bytes[i] >= 0) {
      i++;
    }
    return i < bytes.length ? bytes[i] : -1;
  }
}
