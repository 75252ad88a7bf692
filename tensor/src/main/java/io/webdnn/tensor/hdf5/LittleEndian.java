package io.webdnn.tensor.hdf5;

import java.io.ByteArrayOutputStream;

/// Bytes that grow, with whole numbers the low byte first.
final class LittleEndian {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    LittleEndian put(int... eachOneByte) {
        for (int one : eachOneByte) bytes.write(one);
        return this;
    }

    LittleEndian put(byte[] some) {
        bytes.writeBytes(some);
        return this;
    }

    LittleEndian put16(int number) {
        return number(number, 2);
    }

    LittleEndian put32(int number) {
        return number(number, 4);
    }

    LittleEndian put64(long number) {
        return number(number, 8);
    }

    private LittleEndian number(long number, int size) {
        for (int i = 0; i < size; i++) bytes.write((int) (number >>> (8 * i)));
        return this;
    }

    byte[] toArray() {
        return bytes.toByteArray();
    }
}
