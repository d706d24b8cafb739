package io.tidegate.proxy.dispatch;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Questions of clients to the control plane, for whose answer a session waits where it stands. On its event loop.
 *
 * @param <A> the kind of answer
 */
public final class Questions<A> {
    private final class Question {
        @Nullable A answer;
    }

    private final DataLoop loop;

    /** At most one per session, and gone when it is answered. */
    private final Map<Session, Question> questions = new HashMap<>();

    public Questions(DataLoop loop) {
        this.loop = loop;
    }

    /** Whether the session's command was asked before: then it is either {@link #take taken} now or waits on. */
    public boolean asked(Asker asker) {
        return questions.containsKey(asker.session());
    }

    /** The answer, once; null if the session has to wait for it. */
    public @Nullable A take(Asker asker) {
        Session session = asker.session();
        Question question = questions.get(session);
        A answer = question == null ? null : question.answer;
        if (answer == null) {
            session.wait = Wait.ANSWER;
        } else {
            questions.remove(session);
        }
        return answer;
    }

    /** The session waits from here on; what asks is given whom to tell, from any thread. */
    public void ask(Asker asker, Consumer<Consumer<A>> asks) {
        Session session = asker.session();
        Question question = new Question();
        questions.put(session, question);
        session.wait = Wait.ANSWER;
        asks.accept(answer -> loop.eventLoop().execute(() -> session.guarded(() -> told(session, question, answer))));
    }

    private void told(Session session, Question question, A answer) {
        question.answer = answer;
        if (session.closed) {
            questions.remove(session);
        } else {
            session.wait = Wait.NONE;
            session.retry();
        }
    }
}
