package org.svos.telemetry.gateway.rest;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.svos.telemetry.gateway.problem.ProblemCode;

/**
 * What the description of the API tells of a call beside its signature. Schemas and examples are JSON; a schema of what a call
 * takes stands beside the code that reads it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Described {

    /** The statuses of its good answers. */
    int[] answers() default {200};

    /** A good answer's body. */
    String example() default "";

    /** Of what type that is, if it is no JSON. */
    String type() default "application/json";

    /** The schema of the body that it takes; empty if it takes none. */
    String takes() default "";

    /** Such a body. */
    String takesExample() default "";

    /** Parameters of the query, but those of a list. */
    Query[] query() default {};

    /** Refusals that are its own: those that every call of its form has are known. */
    ProblemCode[] refuses() default {};

    /** A parameter of the query. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target({})
    @interface Query {

        String name();

        String description();

        /** Its schema. */
        String schema() default "{\"type\": \"string\"}";
    }
}
