package io.webdnn.tensor;

/// What the floating point types up to 32 bits can hold, and their bits.
///
/// Rounding is half to even; float8e8m0, which holds powers of two only, rounds up and drops the
/// sign. A number beyond the largest saturates if that is asked for, else it becomes ∞ (float8e5m2)
/// or NaN (the other float8 types); float4e2m1 always saturates, and NaN becomes −0 there.
///
/// Source: ONNX, "Float stored in 8 bits", "Float stored in 4 bits".
public final class NarrowFloat {
    private NarrowFloat() {}

    /// {@return the number of the dtype that is nearest to a value, saturating}
    public static double round(DType dtype, double value) {
        return round(dtype, value, true);
    }

    /// {@return the number of the dtype that is nearest to a value}
    ///
    /// @param saturate whether a float8 that is too large becomes the largest
    public static double round(DType dtype, double value, boolean saturate) {
        return switch (dtype) {
            case FLOAT64 -> value;
            case FLOAT32 -> (float) value;
            default -> decode(dtype, encode(dtype, value, saturate));
        };
    }

    /// {@return the number that the low bits stand for}
    public static double decode(DType dtype, int bits) {
        return switch (dtype) {
            case FLOAT32 -> Float.intBitsToFloat(bits);
            case FLOAT16 -> Float.float16ToFloat((short) bits);
            case BFLOAT16 -> Float.intBitsToFloat(bits << 16);
            case FLOAT8E8M0 ->
                    (bits & 0xff) == 0xff ? Double.NaN : Math.scalb(1.0, (bits & 0xff) - 127);
            default -> decode(Format.of(dtype), bits);
        };
    }

    /// {@return the low bits that stand for the number of the dtype that is nearest to a value}
    public static int encode(DType dtype, double value, boolean saturate) {
        return switch (dtype) {
            case FLOAT32 -> Float.floatToRawIntBits((float) value);
            case FLOAT16 -> Float.floatToFloat16((float) value) & 0xffff;
            case BFLOAT16 -> toBfloat16((float) value);
            case FLOAT8E8M0 -> toPowerOfTwo((float) value);
            default -> encode(Format.of(dtype), value, saturate);
        };
    }

    private static int toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) return bits >>> 16 | 0x40;
        return bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
    }

    private static int toPowerOfTwo(float value) {
        int bits = Float.floatToRawIntBits(value);
        int exponent = bits >>> 23 & 0xff;
        if (exponent == 0xff) return 0xff;
        boolean fraction = (bits & 0x7fffff) != 0;
        // A subnormal float up to 2^-127 is still nearest to the smallest power, from above.
        if (exponent == 0) return (bits & 0x7fffff) > 0x400000 ? 1 : 0;
        return fraction && exponent < 0xfe ? exponent + 1 : exponent;
    }

    /// A sign, exponent bits, mantissa bits.
    ///
    /// @param largest the bits of the largest finite number
    /// @param overflow the bits of what lies beyond, without the sign
    /// @param unsignedZero whether the bits of −0 stand for NaN
    private record Format(
            int exponentBits,
            int mantissaBits,
            int bias,
            int largest,
            int overflow,
            int nan,
            boolean unsignedZero) {
        static Format of(DType dtype) {
            return switch (dtype) {
                case FLOAT8E4M3FN -> new Format(4, 3, 7, 0x7e, 0x7f, 0x7f, false);
                case FLOAT8E4M3FNUZ -> new Format(4, 3, 8, 0x7f, 0x80, 0x80, true);
                case FLOAT8E5M2 -> new Format(5, 2, 15, 0x7b, 0x7c, 0x7f, false);
                case FLOAT8E5M2FNUZ -> new Format(5, 2, 16, 0x7f, 0x80, 0x80, true);
                case FLOAT4E2M1 -> new Format(2, 1, 1, 0x7, 0x7, 0x8, false);
                default ->
                        throw new IllegalArgumentException(
                                "NarrowFloat: expected a float of at most 32 bits, got " + dtype);
            };
        }

        int sign() {
            return 1 << exponentBits + mantissaBits;
        }
    }

    private static double decode(Format format, int bits) {
        int magnitude = bits & format.sign() - 1;
        boolean negative = (bits & format.sign()) != 0;
        if (format.unsignedZero && negative && magnitude == 0) return Double.NaN;
        if (magnitude > format.largest) {
            if (magnitude != format.overflow || format.overflow == format.nan) return Double.NaN;
            return negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        int exponent = magnitude >>> format.mantissaBits;
        int mantissa = magnitude & (1 << format.mantissaBits) - 1;
        int whole = exponent == 0 ? mantissa : mantissa | 1 << format.mantissaBits;
        double value =
                Math.scalb(
                        (double) whole, Math.max(exponent, 1) - format.bias - format.mantissaBits);
        return negative ? -value : value;
    }

    private static int encode(Format format, double value, boolean saturate) {
        if (Double.isNaN(value)) return format.nan;
        int sign = 1.0 / value < 0 || value < 0 ? format.sign() : 0;
        double magnitude = Math.abs(value);
        double largest = decode(format, format.largest);
        int exponent =
                Math.max(Math.getExponent(Math.min(magnitude, largest)), 1 - format.bias)
                        - format.mantissaBits;
        double rounded = Math.rint(Math.scalb(Math.min(magnitude, 2 * largest), -exponent));
        if (Math.scalb(rounded, exponent) > largest) {
            if (saturate || format.overflow == format.largest) return sign | format.largest;
            return format.unsignedZero ? format.overflow : sign | format.overflow;
        }
        // Counting up in the bits counts up in the numbers, so a carry out of the mantissa is
        // right.
        long steps = (long) rounded;
        long implicit = 1L << format.mantissaBits;
        long bits =
                steps < implicit && exponent == 1 - format.bias - format.mantissaBits
                        ? steps
                        : ((long) (exponent + format.mantissaBits + format.bias)
                                        << format.mantissaBits)
                                + steps
                                - implicit;
        return bits == 0 && format.unsignedZero ? 0 : sign | (int) bits;
    }
}
