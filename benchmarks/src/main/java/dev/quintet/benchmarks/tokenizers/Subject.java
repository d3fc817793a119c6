package dev.quintet.benchmarks.tokenizers;

import dev.quintet.benchmarks.contest.MissingPeerException;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.sentencepiece.SentencePieceTrainer;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A model, and who else can run it: both sides read the same file.
///
/// The file is the one named here under the folder [Corpus#FOLDER]; where that lacks it, a model is trained
/// at the start, or read out of the peer.
public enum Subject {
  /// T5's unigram pieces beside SentencePiece: `t5/spiece.model`.
  UNIGRAM("t5/spiece.model", Peer.SENTENCEPIECE),

  /// BPE pieces with byte fallback beside SentencePiece: `tokenizer-bench/merged_80k.model`.
  SENTENCEPIECE_BPE("tokenizer-bench/merged_80k.model", Peer.SENTENCEPIECE),

  /// Byte-level BPE with GPT-4's pattern beside Hugging Face's tokenizers: `tokenizer-bench/gpt_32k.json`.
  BYTE_BPE("tokenizer-bench/gpt_32k.json", Peer.HUGGING_FACE),

  /// T5's `tokenizer.json` beside Hugging Face's tokenizers: `t5/tokenizer.json`; no model of ours stands in for it.
  T5_JSON("t5/tokenizer.json", Peer.HUGGING_FACE),

  /// OpenAI's `cl100k_base` beside jtokkit, which carries the file.
  CL100K("cl100k_base", Peer.JTOKKIT),

  /// OpenAI's `o200k_base` beside jtokkit, which carries the file.
  O200K("o200k_base", Peer.JTOKKIT);

  private static final int TRAINING_BYTES = 300_000;
  static final int PIECES = 4000;

  private final String file;
  private final Peer peer;

  Subject(String file, Peer peer) {
    this.file = file;
    this.peer = peer;
  }

  enum Peer {
    SENTENCEPIECE("SentencePiece JNI (DJL 0.34.0)"),
    HUGGING_FACE("HF tokenizers JNI (DJL 0.38.0)"),
    JTOKKIT("jtokkit 1.1.0");

    final String title;

    Peer(String title) {
      this.title = title;
    }
  }

  /// Whether there is a model to measure.
  boolean isThere() {
    return this != T5_JSON || Corpus.file(file).isPresent();
  }

  /// The peer's name.
  String peerName() {
    return peer.title;
  }

  /// Whether the peer computes offsets and cannot be told not to.
  boolean peerComputesOffsets() {
    return peer == Peer.HUGGING_FACE;
  }

  /// Both sides.
  ///
  /// @param ours Quintet's
  /// @param theirs the peer's
  record Pair(Ours ours, Codec theirs) {}

  /// Loads the model on both sides.
  Pair load() {
    Path model = model();
    return new Pair(
        new Ours(Tokenizer.load(model)),
        switch (peer) {
          case SENTENCEPIECE -> Peers.sentencePiece(model);
          case HUGGING_FACE -> Peers.huggingFace(model);
          case JTOKKIT -> Peers.jtokkit(file);
        });
  }

  /// Loads the model on our side.
  Ours loadOurs() {
    return new Ours(Tokenizer.load(model()));
  }

  private Path model() {
    return Corpus.file(file)
        .orElseGet(() ->
            switch (this) {
              case UNIGRAM -> train("unigram");
              case SENTENCEPIECE_BPE -> train("bpe");
              case BYTE_BPE -> train("bytes");
              case CL100K, O200K -> Peers.tiktokenFile(file);
              case T5_JSON ->
                  throw new MissingPeerException(
                      "T5_JSON: expected -D" + Corpus.FOLDER + "=FOLDER with " + file + " in it");
            });
  }

  private static Path train(String kind) {
    var lines = new ArrayList<String>();
    for (Corpus corpus : Corpus.values()) {
      for (String text : Corpus.first(corpus.texts(), TRAINING_BYTES)) {
        lines.addAll(text.lines().map(line -> line + "\n").toList());
      }
    }
    try {
      Path folder = Files.createTempDirectory("benchmark-model");
      folder.toFile().deleteOnExit();
      Path file = folder.resolve(kind);
      if (kind.equals("bytes")) {
        ByteBpeTrainer.of(PIECES).train(lines).write(file);
      } else {
        SentencePieceTrainer.train(stripped(lines), options(kind, 1)).write(file);
      }
      file.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> stripped(List<String> lines) {
    return lines.stream().map(String::stripTrailing).toList();
  }

  static SentencePieceOptions options(String kind, int threads) {
    return SentencePieceOptions.defaults()
        .with("model_type", kind)
        .with("vocab_size", Integer.toString(PIECES))
        .with("byte_fallback", Boolean.toString(kind.equals("bpe")))
        .with("num_threads", Integer.toString(threads));
  }
}
