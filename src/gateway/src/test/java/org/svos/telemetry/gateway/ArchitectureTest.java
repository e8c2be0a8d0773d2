package org.svos.telemetry.gateway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the gateway's rooms, as docs/architecture.md draws them. */
@AnalyzeClasses(
        packages = "org.svos.telemetry",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.Written.class})
class ArchitectureTest {

    /** Not the wiring that an earlier build of this tree has left among the classes: it knows all rooms. */
    static final class Written implements ImportOption {

        @Override
        public boolean includes(Location location) {
            return !location.contains("__");
        }
    }

    private static final String GATEWAY = "org.svos.telemetry.gateway";
    private static final String[] WEB = {"jakarta.servlet..", "org.springframework.web..", "org.springframework.http.."
    };

    @ArchTest
    static final ArchRule noCycles = slices().matching(GATEWAY + ".(*)..")
            .should()
            .beFreeOfCycles()
            .because("a room that needs its caller is one room with it: merge them, or move what both need to a third");

    @ArchTest
    static final ArchRule intakeIsAnEdge = noClasses()
            .that(resideInAnyPackage(GATEWAY + "..").and(notIn("intake")))
            .and()
            .doNotHaveSimpleName("GatewayApplication")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(room("intake"))
            .because("it is the one place that knows HTTP on the way in: pass a Batch to admission instead");

    @ArchTest
    static final ArchRule decidersKnowNoHttp = noClasses()
            .that()
            .resideInAnyPackage(room("admission"), room("quota"), room("spool"), room("store"), room("forward"))
            .should()
            .dependOnClassesThat(resideInAnyPackage(WEB).or(resideInAnyPackage(room("problem"))))
            .because("a decision is a value (see Outcome); its edge turns it into an answer");

    @ArchTest
    static final ArchRule admissionLooksDown = noClasses()
            .that()
            .resideInAPackage(room("admission"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(room("access"), room("forward"), room("intake"))
            .because(
                    "who posts is settled when a batch comes to admission, and who delivers it is no part of the decision");

    @ArchTest
    static final ArchRule quotaIsArithmetic = classes()
            .that()
            .resideInAPackage(room("quota"))
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", room("quota"), room("store"))
            .because("it must be exact, so it must be simple: integers, and the store's clock");

    @ArchTest
    static final ArchRule spoolStandsAlone = noClasses()
            .that()
            .resideInAPackage(room("spool"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    room("access"), room("admission"), room("forward"), room("intake"), room("quota"), room("registry"))
            .because("both ends use it: it knows neither who fills it nor who empties it");

    @ArchTest
    static final ArchRule forwardComesFromTheSpool = noClasses()
            .that()
            .resideInAPackage(room("forward"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(room("access"), room("admission"), room("intake"), room("quota"))
            .because("what is accepted is in the spool: take it from there, so that a restart is nothing special");

    @ArchTest
    static final ArchRule oneWayOut = noClasses()
            .that(resideInAnyPackage(GATEWAY + "..").and(notIn("forward")))
            .and()
            .doNotHaveSimpleName("GatewayApplication")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.svos.telemetry.lanternrock..")
            .because(
                    "only the forwarder speaks with Lantern Rock: an intake that waits for it is an intake that is down");

    @ArchTest
    static final ArchRule storeIsTheFloor = noClasses()
            .that()
            .resideInAPackage(room("store"))
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage(GATEWAY + ".*..").and(notIn("store")).and(notIn("settings")))
            .because("it carries all other rooms, and knows none of them");

    @ArchTest
    static final ArchRule oneRoomKnowsTheEngine = noClasses()
            .that(resideInAnyPackage(GATEWAY + "..").and(notIn("store")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.sqlite..", "org.postgresql..", "org.flywaydb..")
            .because("another engine is another Dialect: use Store and Tx");

    @ArchTest
    static final ArchRule oneRoomKnowsKafka = noClasses()
            .that(resideInAnyPackage(GATEWAY + "..").and(notIn("spool")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..")
            .because("what is promised is in the store; Kafka holds the spool's bytes and decides nothing");

    @ArchTest
    static final ArchRule plainJava = noClasses()
            .that()
            .resideInAnyPackage("org.svos.telemetry.event..", "org.svos.telemetry.lanternrock..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", GATEWAY + "..")
            .because(
                    "the event model is the host loader's too, and the port is not Spring's: configure them from a room");

    @ArchTest
    static final ArchRule noFieldInjection = noFields()
            .should()
            .beAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
            .orShould()
            .beAnnotatedWith("org.springframework.beans.factory.annotation.Value")
            .because("what an object needs, its constructor says");

    @ArchTest
    static final ArchRule featuresNotLayers = noClasses()
            .should()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("DTO")
            .orShould()
            .resideInAnyPackage("..util..", "..common..", "..helper..", "..service..", "..controller..")
            .because("a package is a feature and a name says what a thing is: put it beside what it serves");

    private static String room(String name) {
        return GATEWAY + "." + name + "..";
    }

    private static DescribedPredicate<JavaClass> notIn(String room) {
        return DescribedPredicate.not(resideInAnyPackage(room(room)));
    }
}
