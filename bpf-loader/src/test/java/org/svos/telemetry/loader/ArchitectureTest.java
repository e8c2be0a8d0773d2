package org.svos.telemetry.loader;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the loader's rooms. */
@AnalyzeClasses(packages = "org.svos.telemetry.loader", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ROOMS_HAVE_NO_CYCLE = slices().matching("org.svos.telemetry.loader.(*)..")
            .should()
            .beFreeOfCycles()
            .because("an event goes one way; what two rooms know belongs to the one that is entered");

    @ArchTest
    static final ArchRule ARROWS = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("capture")
            .definedBy("..loader.capture")
            .layer("attach")
            .definedBy("..loader.attach")
            .layer("ring")
            .definedBy("..loader.ring")
            .layer("record")
            .definedBy("..loader.record")
            .layer("bpf")
            .definedBy("..loader.bpf")
            .layer("batch")
            .definedBy("..loader.batch")
            .layer("spool")
            .definedBy("..loader.spool")
            .layer("upload")
            .definedBy("..loader.upload")
            .whereLayer("upload")
            .mayOnlyAccessLayers("spool")
            .whereLayer("spool")
            .mayOnlyAccessLayers("record")
            .whereLayer("batch")
            .mayOnlyAccessLayers("ring", "record", "spool")
            .whereLayer("ring")
            .mayOnlyAccessLayers("bpf")
            .whereLayer("attach")
            .mayOnlyAccessLayers("bpf", "record")
            .whereLayer("record")
            .mayNotAccessAnyLayer()
            .whereLayer("bpf")
            .mayNotAccessAnyLayer()
            .because("these are the arrows of docs/architecture.md; draw a new one there before it is made here");

    @ArchTest
    static final ArchRule ONLY_BPF_KNOWS_NATIVE_MEMORY = classes()
            .that()
            .resideOutsideOfPackage("..loader.bpf")
            .should()
            .onlyDependOnClassesThat()
            .resideOutsideOfPackage("com.sun.jna..")
            .because("a wrong pointer ends the process: one room to look for it. Use the types of the package bpf");

    @ArchTest
    static final ArchRule ONLY_THE_SPOOL_KNOWS_SQL = noClasses()
            .that()
            .resideOutsideOfPackage("..loader.spool")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "org.sqlite..")
            .because("what is on disk changes in one place. Use Spool");

    @ArchTest
    static final ArchRule CAPTURE_DOES_NOT_WAIT_FOR_THE_NETWORK = noClasses()
            .that()
            .resideInAnyPackage(
                    "..loader.capture", "..loader.batch", "..loader.ring", "..loader.record", "..loader.spool")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..loader.upload", "java.net..")
            .because("a gateway that is down must not keep the ring from being read. Use Capture's listener");

    @ArchTest
    static final ArchRule PLAIN_JAVA = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "org.svos.telemetry.gateway..")
            .because("the loader is small, and knows of the gateway only the contract");
}
