package io.tidegate.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class UnreadableTest {
    @Test
    void saysMoreThanTheName() {
        assertThat(Unreadable.why(new NoSuchFileException("f"))).isEqualTo("there is no such file");
        assertThat(Unreadable.why(new AccessDeniedException("f"))).isEqualTo("permission denied");
        assertThat(Unreadable.why(new FileSystemException("f", null, "Too many levels of symbolic links")))
                .isEqualTo("Too many levels of symbolic links");
        assertThat(Unreadable.why(new FileSystemException("f"))).isEqualTo("FileSystemException");
        assertThat(Unreadable.why(new IOException("Is a directory"))).isEqualTo("Is a directory");
    }
}
