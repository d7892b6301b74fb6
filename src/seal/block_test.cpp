#include "seal/block.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "seal/fixture.h"

namespace jalousie::seal {
namespace {

using fixture::copy_of;

BlockHeader sample() {
  BlockHeader header;
  header.kind = BlockKind::Recording;
  header.flags = 0x0102;
  header.label = fixture::label(0x11, 0x22, 0x0102030405060708, StreamId::Sub);
  header.epoch = 0x0a0b0c0d;
  header.sequence = 0x1112131415161718;
  header.capture = utc_from_us(0x0006000102030405);
  header.salt.fill(0x33);
  header.previous.fill(0x44);
  header.chunk = 0x55565758;
  header.plaintext_bytes = 3;
  return header;
}

TEST(BlockHeader, EncodesEachFieldWhereTheFormatSays) {
  EXPECT_EQ(encode_hex(sample().encode()),
            "4a5342310105010211111111111111111111111111111111"
            "22222222222222222222222222222222"
            "0102030405060708"
            "00000001"
            "0a0b0c0d"
            "1112131415161718"
            "0006000102030405"
            "33333333333333333333333333333333"
            "44444444444444444444444444444444"
            "55565758"
            "00000003");
}

TEST(BlockHeader, ParseIsTheInverse) {
  const auto bytes = sample().encode();
  const auto parsed = BlockHeader::parse(bytes);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->encode(), bytes);
  EXPECT_EQ(parsed->label, sample().label);
  EXPECT_EQ(parsed->kind, BlockKind::Recording);
  EXPECT_EQ(parsed->capture, sample().capture);
  EXPECT_FALSE(parsed->is_key_frame());
  BlockHeader key_frame = sample();
  key_frame.flags = kFlagKeyFrame | kFlagGap;
  EXPECT_TRUE(BlockHeader::parse(key_frame.encode())->is_key_frame());
}

TEST(BlockHeader, SaysHowAUnitIsCoded) {
  BlockHeader header = sample();
  EXPECT_FALSE(header.video_coding()) << "a recording";
  EXPECT_FALSE(header.audio_coding());

  header.kind = BlockKind::Video;
  header.flags = kFlagKeyFrame | kFlagGap;  // as blocks were before there was a second coding
  EXPECT_EQ(header.video_coding(), VideoCoding::H264);
  EXPECT_FALSE(header.audio_coding());
  header.flags = kFlagKeyFrame | coding_flags(VideoCoding::H265);
  EXPECT_EQ(header.flags, 0x0101);
  EXPECT_EQ(BlockHeader::parse(header.encode())->video_coding(), VideoCoding::H265);
  EXPECT_TRUE(BlockHeader::parse(header.encode())->is_key_frame());
  header.flags = coding_flags(VideoCoding::Jpeg);
  EXPECT_EQ(header.video_coding(), VideoCoding::Jpeg);
  header.flags = 0x0300;
  EXPECT_TRUE(BlockHeader::parse(header.encode())) << "an unknown coding is not malformed";
  EXPECT_FALSE(header.video_coding());

  header.kind = BlockKind::Audio;
  header.flags = 0;
  EXPECT_FALSE(header.audio_coding());
  EXPECT_FALSE(header.video_coding());
  header.flags = coding_flags(AudioCoding::Aac);
  EXPECT_EQ(header.audio_coding(), AudioCoding::Aac);
  header.flags = coding_flags(AudioCoding::Opus);
  EXPECT_EQ(header.flags, 0x0400);
  EXPECT_EQ(header.audio_coding(), AudioCoding::Opus);
  header.flags = 0xFF00;
  EXPECT_FALSE(header.audio_coding());
}

TEST(BlockHeader, RefusesWhatIsNotOne) {
  const struct {
    std::size_t offset;
    std::uint8_t value;
    const char* message;
  } cases[] = {
      {0, 'j', "a block does not begin with JSB1"}, {3, '2', "a block does not begin with JSB1"},
      {4, 0, "a block is of an unknown suite"},     {4, 2, "a block is of an unknown suite"},
      {5, 0, "a block is of an unknown kind"},      {5, 6, "a block is of an unknown kind"},
      {108, 0x01, "a block is too long"},           {5, 255, "a block is of an unknown kind"},
  };
  for (const auto& one : cases) {
    auto bytes = sample().encode();
    bytes[one.offset] = one.value;
    const auto parsed = BlockHeader::parse(bytes);
    ASSERT_FALSE(parsed.has_value()) << one.offset;
    EXPECT_EQ(parsed.error().kind(), ErrorKind::InvalidArgument);
    EXPECT_EQ(parsed.error().message(), one.message);
  }
}

TEST(Block, RefusesEveryLengthButItsOwn) {
  fixture::Bench bench;
  const Buffer whole = copy_of(bench.seal("a picture")->bytes());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = Block::from_bytes(copy_of(ByteView(whole).first(size)));
    ASSERT_FALSE(cut.has_value()) << size;
    EXPECT_EQ(cut.error().kind(), ErrorKind::InvalidArgument);
  }
  Buffer longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(Block::from_bytes(longer).has_value());
  EXPECT_TRUE(Block::from_bytes(whole).has_value());
}

TEST(Block, RefusesALengthBeyondTheBoundWhateverComes) {
  BlockHeader header = sample();
  header.plaintext_bytes = kMaxPlaintextBytes + 1;
  EXPECT_FALSE(BlockHeader::parse(header.encode()).has_value());
  header.plaintext_bytes = kMaxPlaintextBytes;
  EXPECT_TRUE(BlockHeader::parse(header.encode()).has_value());
  EXPECT_FALSE(Block::from_bytes(copy_of(header.encode())).has_value());
}

TEST(Block, PartsMakeUpTheWhole) {
  fixture::Bench bench;
  const BlockPtr block = bench.seal("a picture");
  Buffer joined = copy_of(block->header_bytes());
  for (const ByteView part : {block->commitment(), block->ciphertext(), block->tag()}) {
    joined.insert(joined.end(), part.begin(), part.end());
  }
  EXPECT_EQ(joined, copy_of(block->bytes()));
  EXPECT_EQ(block->ciphertext().size(), 9U);
  EXPECT_EQ(block->bytes().size(), 9 + kOverheadBytes);
  EXPECT_EQ(kOverheadBytes, 160U);
}

TEST(Block, AHeaderThatIsNotInTheBytesEndsTheProcess) {
  BlockHeader header = sample();
  Buffer bytes = copy_of(header.encode());
  bytes.resize(kOverheadBytes + 3);
  const Block fits(header, bytes);
  EXPECT_EQ(fits.header().sequence, header.sequence);
  EXPECT_DEATH(Block(header, copy_of(ByteView(bytes).first(kOverheadBytes))), "broken invariant");
  ++header.sequence;
  EXPECT_DEATH(Block(header, bytes), "broken invariant");
}

TEST(Label, HashesByAllItsParts) {
  const std::hash<StreamLabel> hash;
  const StreamLabel one = fixture::label();
  EXPECT_EQ(hash(one), hash(fixture::label()));
  EXPECT_NE(hash(one), hash(fixture::label(0xa2)));
  EXPECT_NE(hash(one), hash(fixture::label(0xa1, 0xc2)));
  EXPECT_NE(hash(one), hash(fixture::label(0xa1, 0xc1, 8)));
  EXPECT_NE(hash(one), hash(fixture::label(0xa1, 0xc1, 7, StreamId::Sub)));
  EXPECT_LT(one, fixture::label(0xa2));
}

}  // namespace
}  // namespace jalousie::seal
