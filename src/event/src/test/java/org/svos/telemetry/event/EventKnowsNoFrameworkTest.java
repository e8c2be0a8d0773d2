package org.svos.telemetry.event;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "org.svos.telemetry.event", importOptions = ImportOption.DoNotIncludeTests.class)
class EventKnowsNoFrameworkTest {

    @ArchTest
    static final ArchRule plainJava = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "tools.jackson.core..", "org.svos.telemetry.event..")
            .because("both ends share it, and the host loader is small: put what needs more into the gateway");
}
