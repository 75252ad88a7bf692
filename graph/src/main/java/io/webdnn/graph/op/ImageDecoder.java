package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/// The pixels of an image file.
///
/// encoded: uint8 `[bytes]`; image: uint8 `[height, width, channels]`, 3 channels or, for grey, 1.
/// BMP, GIF, JPEG, PNG, TIFF (by the JDK) and PNM of 8 bits. Grey is `0.299 R + 0.587 G + 0.114 B`,
/// rounded. Height and width depend on data, so they are symbols. Runs on the host, and throws
/// there for what is no such image or has more than 2²⁶ pixels.
///
/// Source: ONNX ImageDecoder-20.
///
/// @param prefix what the symbols begin with
public record ImageDecoder(Format format, String prefix) implements HostOperator {
    private static final int MOST_PIXELS = 1 << 26;

    /// The order of the channels.
    public enum Format {
        RGB,
        BGR,
        GRAYSCALE
    }

    public ImageDecoder {
        if (prefix.isEmpty()) throw GraphException.of("ImageDecoder", "prefix", "a name", "''");
    }

    @Override
    public List<TensorType> infer(Operands in) {
        Expect.of(in).count(1, 1).input(0, "encoded_stream").dtype(DType.UINT8).rank(1);
        var shape =
                io.webdnn.tensor.Shape.of(
                        Dimension.symbol(prefix + ".height"),
                        Dimension.symbol(prefix + ".width"),
                        Dimension.of(format == Format.GRAYSCALE ? 1 : 3));
        return List.of(new TensorType(DType.UINT8, shape));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var bytes = Objects.requireNonNull(in.getFirst()).bytes();
        var image = Pixmap.isPixmap(bytes) ? new Pixmap(bytes).image() : read(bytes);
        int channels = format == Format.GRAYSCALE ? 1 : 3;
        int width = image.getWidth();
        var pixels = Tensor.zeros(DType.UINT8, image.getHeight(), width, channels);
        for (int i = 0; i < image.getHeight() * width; i++) {
            int rgb = image.getRGB(i % width, i / width);
            for (int c = 0; c < channels; c++)
                pixels.bytes()[i * channels + c] = (byte) channel(rgb, c);
        }
        return List.of(pixels);
    }

    private int channel(int rgb, int c) {
        return switch (format) {
            case RGB -> rgb >> 16 - 8 * c;
            case BGR -> rgb >> 8 * c;
            case GRAYSCALE ->
                    // thousandths of 2^16, as the imaging libraries have them
                    (rgb >> 16 & 255) * 19595
                                    + (rgb >> 8 & 255) * 38470
                                    + (rgb & 255) * 7471
                                    + 0x8000
                            >> 16;
        };
    }

    private static BufferedImage read(byte[] bytes) {
        try (var stream = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            var readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) throw broken("none of these");
            var reader = readers.next();
            try {
                reader.setInput(stream, true, true);
                long size = (long) reader.getWidth(0) * reader.getHeight(0);
                if (size > MOST_PIXELS) throw broken(size + " pixels");
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw broken("a broken one (" + e.getMessage() + ")");
        }
    }

    private static GraphException broken(String actual) {
        return GraphException.of(
                "ImageDecoder",
                "encoded_stream",
                "a BMP, GIF, JPEG, PNG, PNM or TIFF file of at most 2^26 pixels",
                actual);
    }

    /// A cursor over a PNM file: `P5` or `P6`, width, height, 255, one blank, bytes.
    private static final class Pixmap {
        private final byte[] bytes;
        private int at = 2;

        Pixmap(byte[] bytes) {
            this.bytes = bytes;
        }

        static boolean isPixmap(byte[] bytes) {
            return bytes.length > 2 && bytes[0] == 'P' && (bytes[1] == '5' || bytes[1] == '6');
        }

        BufferedImage image() {
            int channels = bytes[1] == '6' ? 3 : 1;
            int width = number();
            int height = number();
            int highest = number();
            at++;
            long size = (long) width * height;
            if (highest != 255 || size < 1 || size > MOST_PIXELS)
                throw broken("a PNM of " + width + " x " + height + " up to " + highest);
            if (bytes.length - at < size * channels) throw broken("a PNM that ends early");
            var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
            for (int i = 0; i < size; i++) {
                int rgb = 0;
                for (int c = 0; c < 3; c++)
                    rgb = rgb << 8 | bytes[at + i * channels + c % channels] & 255;
                image.setRGB(i % width, i / width, rgb);
            }
            return image;
        }

        private int number() {
            while (at < bytes.length && !Character.isDigit(bytes[at])) {
                if (bytes[at++] == '#') while (at < bytes.length && bytes[at] != '\n') at++;
            }
            int number = 0;
            while (at < bytes.length && Character.isDigit(bytes[at]) && number < 1 << 26)
                number = 10 * number + bytes[at++] - '0';
            return number;
        }
    }
}
